package digits_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/gpevtx/gpevtx/internal/digits"
)

func text(w uint64) string { return string(binary.LittleEndian.AppendUint64(nil, w)) }

// TestEight takes each half of eight digits through all its values, and with it each pair.
func TestEight(t *testing.T) {
	for i := range uint32(10000) {
		n := i*10000 + 9999 - i
		if got, want := text(digits.Eight(n)+digits.Zeros), fmt.Sprintf("%08d", n); got != want {
			t.Fatalf("Eight(%d) = %s", n, got)
		}
	}
}

func TestHex(t *testing.T) {
	for i := range uint32(1 << 16) {
		n := i | i*40503<<16
		b := binary.LittleEndian.AppendUint32(nil, n)
		if got, want := text(digits.Hex(n, digits.Upper)), fmt.Sprintf("%X", b); got != want {
			t.Fatalf("Hex(%#x, Upper) = %s, want %s", n, got, want)
		}
		if got, want := text(digits.Hex(n, digits.Lower)), fmt.Sprintf("%x", b); got != want {
			t.Fatalf("Hex(%#x, Lower) = %s, want %s", n, got, want)
		}
	}
}

// TestAppend takes numbers around where digits are added, in buffers with and without room.
func TestAppend(t *testing.T) {
	check := func(n uint64) {
		for room := range 24 {
			dst := append(make([]byte, 0, 4+room), "kept"...)
			if got, want := string(digits.AppendUint(dst, n)), "kept"+strconv.FormatUint(n, 10); got != want {
				t.Fatalf("AppendUint(%d) = %s", n, got)
			}
			if got, want := string(digits.AppendInt(dst, int64(n))), "kept"+strconv.FormatInt(int64(n), 10); got != want {
				t.Fatalf("AppendInt(%d) = %s", int64(n), got)
			}
		}
	}
	for n := uint64(1); ; n *= 10 {
		for d := range uint64(3) {
			check(n + d - 1)
			check(-n + d - 1)
			check(9*n + d - 1)
		}
		if n > math.MaxUint64/10 {
			break
		}
	}
	for bit := range 64 {
		check(1<<bit - 1)
		check(1 << bit)
	}
}

func FuzzAppendUint(f *testing.F) {
	f.Add(uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, n uint64) {
		if got := string(digits.AppendUint(nil, n)); got != strconv.FormatUint(n, 10) {
			t.Fatalf("AppendUint(%d) = %s", n, got)
		}
	})
}
