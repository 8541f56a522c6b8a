package evtx

import (
	"cmp"
	"slices"
)

// ranges is a set of numbers as ranges in ascending order that neither overlap nor touch, so
// that a look at it takes a few steps however many numbers it has.
type ranges[T uint16 | uint64] []Range[T]

// newRanges makes the set of all numbers in list.
func newRanges[T uint16 | uint64](list []Range[T]) ranges[T] {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Range[T]) int { return cmp.Compare(a.First, b.First) })
	var set ranges[T]
	for _, r := range list {
		if n := len(set); n > 0 && (r.First <= set[n-1].Last || r.First == set[n-1].Last+1) {
			set[n-1].Last = max(set[n-1].Last, r.Last)
		} else {
			set = append(set, r)
		}
	}
	return set
}

// without returns the numbers of the set that other does not have.
func (set ranges[T]) without(other ranges[T]) ranges[T] {
	var out ranges[T]
	for _, r := range set {
		for _, cut := range other {
			if cut.Last < r.First || cut.First > r.Last {
				continue
			}
			if cut.First > r.First {
				out = append(out, Range[T]{r.First, cut.First - 1})
			}
			if cut.Last >= r.Last {
				r.First, r.Last = 1, 0 // nothing is left
				break
			}
			r.First = cut.Last + 1
		}
		if r.First <= r.Last {
			out = append(out, r)
		}
	}
	return out
}

// has reports whether n is in the set.
func (set ranges[T]) has(n T) bool {
	low, high := 0, len(set)
	for low < high {
		if mid := (low + high) / 2; set[mid].Last < n {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low < len(set) && set[low].First <= n
}

// idMask is a coarse set of event ids, by their last ten bits: what it does not have is in none
// of the sets that were added. Templates are bound in every chunk, so joining masks must cost
// nothing to speak of.
type idMask [16]uint64

func (m *idMask) add(r Range[uint16]) {
	last := min(int(r.Last), int(r.First)+1023) // then all bits are set
	for id := int(r.First); id <= last; id++ {
		m[id>>6&15] |= 1 << (id & 63)
	}
}

func (m *idMask) join(other *idMask) {
	for i := range m {
		m[i] |= other[i]
	}
}

func (m *idMask) mayHave(id uint16) bool { return m[id>>6&15]&(1<<(id&63)) != 0 }
