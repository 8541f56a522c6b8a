package gpreport

// keyPass is one way to find out that two things of two lists are the same: their keys are
// equal. An empty key is equal to none.
type keyPass[T any] struct {
	before, after func(*T) string
	// unique passes only join keys that each list has once.
	unique bool
}

// sameKey makes a pass with one key for both lists.
func sameKey[T any](key func(*T) string) keyPass[T] { return keyPass[T]{before: key, after: key} }

// matching is what two lists have in common, and what only one has, in their orders.
type matching[T any] struct {
	pairs          [][2]*T
	removed, added []*T
}

// matchUp joins the things of two lists, by the first pass that finds them equal; of several
// with one key the first to the first and so on.
func matchUp[T any](before, after []T, passes ...keyPass[T]) matching[T] {
	partner := make([]int, len(before)) // the place in after, from 1
	taken := make([]bool, len(after))
	for _, p := range passes {
		p.join(before, after, partner, taken)
	}
	var m matching[T]
	for i := range before {
		if partner[i] > 0 {
			m.pairs = append(m.pairs, [2]*T{&before[i], &after[partner[i]-1]})
		} else {
			m.removed = append(m.removed, &before[i])
		}
	}
	for i := range after {
		if !taken[i] {
			m.added = append(m.added, &after[i])
		}
	}
	return m
}

// join finds partners for what has none yet.
func (p keyPass[T]) join(before, after []T, partner []int, taken []bool) {
	waiting := make(map[string][]int)
	for i := range after {
		if !taken[i] {
			if key := p.after(&after[i]); key != "" {
				waiting[key] = append(waiting[key], i)
			}
		}
	}
	if len(waiting) == 0 {
		return
	}
	wanted := make(map[string]int)
	keys := make([]string, len(before))
	for i := range before {
		if partner[i] == 0 {
			keys[i] = p.before(&before[i])
			wanted[keys[i]]++
		}
	}
	for i, key := range keys {
		list := waiting[key]
		if key == "" || len(list) == 0 || p.unique && (wanted[key] > 1 || len(list) > 1) {
			continue
		}
		partner[i], taken[list[0]] = list[0]+1, true
		if !p.unique {
			waiting[key] = list[1:]
		}
	}
}
