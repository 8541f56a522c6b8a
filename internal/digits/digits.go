// Package digits makes the digits of numbers eight at a time.
//
// They are the bytes of a word, the first digit the lowest, which is their order when the
// word is stored as little endian. A word of digits holds their values; with [Zeros] added
// it is text.
//
// What is appended may be written over by up to seven more bytes of what has no meaning,
// where the buffer has room or is given some.
package digits

import (
	"encoding/binary"
	"math/bits"
)

const (
	each = 0x0101010101010101

	// Zeros is the text of eight digits 0.
	Zeros = '0' * each
)

// Pairs returns the digits of four numbers below 100, which are 16 bits of w each.
func Pairs(w uint64) uint64 {
	tens := w * 103 >> 10 & 0x000f000f000f000f
	return tens | (w-10*tens)<<8
}

// Eight returns the digits of n, which is less than 10^8.
func Eight(n uint32) uint64 {
	w := uint64(n/10000) | uint64(n%10000)<<32
	hundreds := w * 10486 >> 20 & 0x0000007f0000007f
	return Pairs(hundreds | (w-100*hundreds)<<16)
}

// AppendUint appends n in decimal.
func AppendUint(dst []byte, n uint64) []byte {
	const limit = 1e8
	switch {
	case n < 10:
		return append(dst, '0'+byte(n))
	case n < limit:
		return appendFirst(dst, uint32(n))
	case n < limit*limit:
		dst = appendFirst(dst, uint32(n/limit))
	default:
		dst = appendFirst(dst, uint32(n/limit/limit))
		dst = binary.LittleEndian.AppendUint64(dst, Eight(uint32(n/limit%limit))+Zeros)
	}
	return binary.LittleEndian.AppendUint64(dst, Eight(uint32(n%limit))+Zeros)
}

// appendFirst appends n, which is less than 10^8, without leading zeros.
func appendFirst(dst []byte, n uint32) []byte {
	w := Eight(n)
	leading := bits.TrailingZeros64(w|1<<56) / 8
	return binary.LittleEndian.AppendUint64(dst, (w+Zeros)>>(8*leading))[:len(dst)+8-leading]
}

// AppendInt appends n in decimal.
func AppendInt(dst []byte, n int64) []byte {
	if n < 0 {
		return AppendUint(append(dst, '-'), -uint64(n))
	}
	return AppendUint(dst, uint64(n))
}

// What stands between a digit above 9 as a value with '0' added and as a letter: the second
// parameter of [Hex].
const (
	Upper = 'A' - '0' - 10
	Lower = 'a' - '0' - 10
)

// Hex returns the text of four bytes in hex, the lowest byte first.
func Hex(n uint32, letters uint64) uint64 {
	w := uint64(n)
	w = (w | w<<16) & 0x0000ffff0000ffff
	w = (w | w<<8) & 0x00ff00ff00ff00ff
	w = (w>>4 | w<<8) & (0x0f * each)
	return w + Zeros + (w+6*each)>>4&each*letters
}
