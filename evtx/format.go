package evtx

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// Numbers, GUIDs and times as text. Eight digits are made at once, one a byte of a word, the
// first lowest; they are bytes in order when the word is stored.

const (
	eachByte = 0x0101010101010101
	zeros    = '0' * eachByte // eight digits 0
)

// extend makes dst n bytes longer. What they hold is anything.
func extend(dst []byte, n int) []byte { return slices.Grow(dst, n)[:len(dst)+n] }

// pairs are the digits, not yet as text, of four numbers below 100 that are 16 bits each.
func pairs(w uint64) uint64 {
	tens := w * 103 >> 10 & 0x000f000f000f000f
	return tens | (w-10*tens)<<8
}

// eightDigits are the digits, not yet as text, of n, which is less than 10^8.
func eightDigits(n uint32) uint64 {
	w := uint64(n/10000) | uint64(n%10000)<<32
	hundreds := w * 10486 >> 20 & 0x0000007f0000007f
	return pairs(hundreds | (w-100*hundreds)<<16)
}

func appendUint(dst []byte, n uint64) []byte {
	const limit = 1e8
	if n >= limit {
		dst, n = appendUint(dst, n/limit), n%limit
		return binary.LittleEndian.AppendUint64(dst, eightDigits(uint32(n))+zeros)
	}
	w := eightDigits(uint32(n))
	leading := bits.TrailingZeros64(w|1<<56) / 8
	return binary.LittleEndian.AppendUint64(dst, (w+zeros)>>(8*leading))[:len(dst)+8-leading]
}

func appendInt(dst []byte, n int64) []byte {
	if n < 0 {
		return appendUint(append(dst, '-'), -uint64(n))
	}
	return appendUint(dst, uint64(n))
}

// What is added to a hexadecimal digit above 9 beside '0'.
const (
	upperHex = 'A' - '0' - 10
	lowerHex = 'a' - '0' - 10
)

// hexDigits returns four bytes, the lowest first, in hex.
func hexDigits(n uint32, letters uint64) uint64 {
	w := uint64(n)
	w = (w | w<<16) & 0x0000ffff0000ffff
	w = (w | w<<8) & 0x00ff00ff00ff00ff
	w = (w>>4 | w<<8) & (0x0f * eachByte)
	return w + zeros + (w+6*eachByte)>>4&eachByte*letters
}

// appendHex appends bytes in upper case.
func appendHex(dst, b []byte) []byte {
	le := binary.LittleEndian
	dst = slices.Grow(dst, 2*len(b)+8)
	for ; len(b) >= 4; b = b[4:] {
		dst = le.AppendUint64(dst, hexDigits(le.Uint32(b), upperHex))
	}
	for _, c := range b {
		dst = le.AppendUint16(dst, uint16(hexDigits(uint32(c), upperHex)))
	}
	return dst
}

// appendHexUint appends 0x and the digits in lower case without leading zeros.
func appendHexUint(dst []byte, n uint64) []byte {
	le := binary.LittleEndian
	dst = append(dst, '0', 'x')
	digits := (bits.Len64(n|1) + 3) / 4
	n = bits.ReverseBytes64(n << (64 - 4*digits))
	out := le.AppendUint64(dst, hexDigits(uint32(n), lowerHex))
	if digits > 8 {
		out = le.AppendUint64(out, hexDigits(uint32(n>>32), lowerHex))
	}
	return out[:len(dst)+digits]
}

// appendGUID prints a GUID as Windows does: in braces and upper case.
func appendGUID(dst, b []byte) []byte {
	le := binary.LittleEndian
	out := extend(dst, len("{00000000-0000-0000-0000-000000000000}"))
	d := out[len(dst):]
	middle := hexDigits(bits.ReverseBytes32(bits.RotateLeft32(le.Uint32(b[4:]), 16)), upperHex)
	last := hexDigits(le.Uint32(b[8:]), upperHex)
	_ = d[37]
	d[0], d[9], d[14], d[19], d[24], d[37] = '{', '-', '-', '-', '-', '}'
	le.PutUint64(d[1:], hexDigits(binary.BigEndian.Uint32(b), upperHex))
	le.PutUint32(d[10:], uint32(middle))
	le.PutUint32(d[15:], uint32(middle>>32))
	le.PutUint32(d[20:], uint32(last))
	le.PutUint32(d[25:], uint32(last>>32))
	le.PutUint64(d[29:], hexDigits(le.Uint32(b[12:]), upperHex))
	return out
}

// appendFileTime prints 100 ns since 1601, as [Value.Time] takes them.
func appendFileTime(dst []byte, ticks uint64) []byte {
	const second, day = 1e7, 24 * 60 * 60 * 1e7
	ticks = min(ticks, math.MaxInt64)
	year, month, dom := date(uint32(ticks / day))
	ticks %= day
	s, frac := ticks/second, ticks%second
	hour, minute, sec := s/3600, s/60%60, s%60
	if year > 9999 {
		return appendLongTime(dst, [6]int{year, month, dom, int(hour), int(minute), int(sec)}, int(frac), 7)
	}
	return appendTime(dst, fourYear(year, month, dom), hour|minute<<16|sec<<32, uint32(frac), 7)
}

// appendSystemTime prints a SYSTEMTIME, which need not be a date that exists.
func appendSystemTime(dst, b []byte) []byte {
	f := systemtimeFields(b)
	year, month, day, hour, minute, sec, ms := f[0], f[1], f[3], f[4], f[5], f[6], f[7]
	if year > 9999 || max(month, day, hour, minute, sec) > 99 || ms > 999 {
		return appendLongTime(dst, [6]int{year, month, day, hour, minute, sec}, ms, 3)
	}
	return appendTime(dst, fourYear(year, month, day), uint64(hour)|uint64(minute)<<16|uint64(sec)<<32, uint32(ms)*1e4, 3)
}

// fourYear makes of a date the numbers for [pairs].
func fourYear(year, month, day int) uint64 {
	return uint64(year/100) | uint64(year%100)<<16 | uint64(month)<<32 | uint64(day)<<48
}

// date returns the date of a number of days since 1601, which are fewer than 2^30. It counts
// from a first of March, so that a leap day is the last of a year, in quarters of a day, and
// divides by the lengths of centuries, years and months: C. Neri and L. Schneider, Euclidean
// affine functions and their application to calendar algorithms (2022).
func date(days uint32) (year, month, day int) {
	const sinceMarch0 = 584694 // days from 1 March of the year 0 to 1601
	quarters := 4*(days+sinceMarch0) + 3
	century := quarters / 146097
	years := uint64(quarters%146097|3) * 2939745 // 2^32 / 1461, rounded up
	dayOfYear := uint32(years) / 2939745 / 4
	months := 2141*dayOfYear + 197913 // 2^16 / 30.6, and March as the third
	year, month, day = int(100*century)+int(years>>32), int(months>>16), int(months&0xffff/2141)+1
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, day
}

// appendTime prints a UTC time: the numbers of [pairs] for the date and for the time, and
// 100 ns in so many digits, at most seven.
func appendTime(dst []byte, date, clock uint64, frac uint32, digits int) []byte {
	le := binary.LittleEndian
	out := extend(dst, len("2006-01-02T15:04:05.0000000Z"))
	d := out[len(dst):]
	date, clock = pairs(date)+zeros, pairs(clock)+zeros
	_ = d[27]
	le.PutUint32(d, uint32(date))
	le.PutUint16(d[5:], uint16(date>>32))
	le.PutUint16(d[8:], uint16(date>>48))
	le.PutUint16(d[11:], uint16(clock))
	le.PutUint16(d[14:], uint16(clock>>16))
	le.PutUint16(d[17:], uint16(clock>>32))
	le.PutUint64(d[19:], eightDigits(frac)+zeros)
	d[4], d[7], d[10], d[13], d[16], d[19] = '-', '-', 'T', ':', ':', '.'
	d[20+digits] = 'Z'
	return out[:len(dst)+21+digits]
}

// appendLongTime prints a time of which a number has more digits than it should.
func appendLongTime(dst []byte, f [6]int, frac, digits int) []byte {
	dst = appendPadded(dst, f[0], 4)
	for i, before := range []byte("--T::") {
		dst = appendPadded(append(dst, before), f[i+1], 2)
	}
	dst = appendPadded(append(dst, '.'), frac, digits)
	return append(dst, 'Z')
}

// appendPadded appends n, which is not negative, with at least width digits.
func appendPadded(dst []byte, n, width int) []byte {
	for least := 10; width > 1; width, least = width-1, least*10 {
		if n < least {
			dst = append(dst, '0')
		}
	}
	return appendUint(dst, uint64(n))
}
