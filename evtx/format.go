package evtx

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"github.com/gpevtx/gpevtx/internal/digits"
)

// Numbers, GUIDs and times as text. What is appended is stored in whole words: the bytes of
// dst behind it are written over.

// extend makes dst n bytes longer. What they hold is anything.
func extend(dst []byte, n int) []byte { return slices.Grow(dst, n)[:len(dst)+n] }

// appendHex appends bytes in upper case.
func appendHex(dst, b []byte) []byte {
	le := binary.LittleEndian
	dst = slices.Grow(dst, 2*len(b)+8)
	for ; len(b) >= 4; b = b[4:] {
		dst = le.AppendUint64(dst, digits.Hex(le.Uint32(b), digits.Upper))
	}
	if len(b) == 0 {
		return dst
	}
	var rest uint32
	for i, c := range b {
		rest |= uint32(c) << (8 * i)
	}
	return le.AppendUint64(dst, digits.Hex(rest, digits.Upper))[:len(dst)+2*len(b)]
}

// appendHexUint appends 0x and the digits in lower case without leading zeros.
func appendHexUint(dst []byte, n uint64) []byte {
	le := binary.LittleEndian
	dst = append(dst, '0', 'x')
	size := (bits.Len64(n|1) + 3) / 4
	n = bits.ReverseBytes64(n << (64 - 4*size))
	out := le.AppendUint64(dst, digits.Hex(uint32(n), digits.Lower))
	if size > 8 {
		out = le.AppendUint64(out, digits.Hex(uint32(n>>32), digits.Lower))
	}
	return out[:len(dst)+size]
}

// appendGUID prints a GUID as Windows does: in braces and upper case.
func appendGUID(dst, b []byte) []byte {
	le := binary.LittleEndian
	out := extend(dst, len("{00000000-0000-0000-0000-000000000000}"))
	d := out[len(dst):]
	middle := digits.Hex(bits.ReverseBytes32(bits.RotateLeft32(le.Uint32(b[4:]), 16)), digits.Upper)
	last := digits.Hex(le.Uint32(b[8:]), digits.Upper)
	_ = d[37]
	d[0], d[9], d[14], d[19], d[24], d[37] = '{', '-', '-', '-', '-', '}'
	le.PutUint64(d[1:], digits.Hex(binary.BigEndian.Uint32(b), digits.Upper))
	le.PutUint32(d[10:], uint32(middle))
	le.PutUint32(d[15:], uint32(middle>>32))
	le.PutUint32(d[20:], uint32(last))
	le.PutUint32(d[25:], uint32(last>>32))
	le.PutUint64(d[29:], digits.Hex(le.Uint32(b[12:]), digits.Upper))
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
	_ = b[15]
	field := func(i int) int { return int(binary.LittleEndian.Uint16(b[2*i:])) }
	year, month, day := field(0), field(1), field(3) // 2 is the day of the week
	hour, minute, sec, ms := field(4), field(5), field(6), field(7)
	if year > 9999 || max(month, day, hour, minute, sec) > 99 || ms > 999 {
		return appendLongTime(dst, [6]int{year, month, day, hour, minute, sec}, ms, 3)
	}
	return appendTime(dst, fourYear(year, month, day), uint64(hour)|uint64(minute)<<16|uint64(sec)<<32, uint32(ms)*1e4, 3)
}

// fourYear makes of a date the numbers for [digits.Pairs].
func fourYear(year, month, day int) uint64 {
	return uint64(year/100) | uint64(year%100)<<16 | uint64(month)<<32 | uint64(day)<<48
}

// date returns the date of a number of days since 1601, which are fewer than 2^29. It counts
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

// appendTime prints a UTC time: the date and the time of day are numbers for [digits.Pairs],
// frac is in 100 ns, of which it prints so many places, at most seven.
func appendTime(dst []byte, date, clock uint64, frac uint32, places int) []byte {
	le := binary.LittleEndian
	out := extend(dst, len("2006-01-02T15:04:05.0000000Z"))
	d := out[len(dst):]
	date, clock = digits.Pairs(date)+digits.Zeros, digits.Pairs(clock)+digits.Zeros
	_ = d[27]
	le.PutUint32(d, uint32(date))
	le.PutUint16(d[5:], uint16(date>>32))
	le.PutUint16(d[8:], uint16(date>>48))
	le.PutUint16(d[11:], uint16(clock))
	le.PutUint16(d[14:], uint16(clock>>16))
	le.PutUint16(d[17:], uint16(clock>>32))
	le.PutUint64(d[19:], digits.Eight(frac)+digits.Zeros)
	d[4], d[7], d[10], d[13], d[16], d[19] = '-', '-', 'T', ':', ':', '.'
	d[20+places] = 'Z'
	return out[:len(dst)+21+places]
}

// appendLongTime prints a time of which a number has more digits than it should.
func appendLongTime(dst []byte, f [6]int, frac, places int) []byte {
	dst = appendPadded(dst, f[0], 4)
	for i, before := range []byte("--T::") {
		dst = appendPadded(append(dst, before), f[i+1], 2)
	}
	dst = appendPadded(append(dst, '.'), frac, places)
	return append(dst, 'Z')
}

// appendPadded appends n, which is not negative, with at least width digits.
func appendPadded(dst []byte, n, width int) []byte {
	for least := 10; width > 1; width, least = width-1, least*10 {
		if n < least {
			dst = append(dst, '0')
		}
	}
	return digits.AppendUint(dst, uint64(n))
}
