package facts

import (
	"cmp"
	"strconv"
	"strings"
)

// versionParts reads a version such as 2.1.1.0; ok is false for anything else.
func versionParts(v string) (parts [4]int, ok bool) {
	words := strings.Split(v, ".")
	if len(words) < 2 || len(words) > 4 {
		return parts, false
	}
	for i, w := range words {
		n, err := strconv.ParseUint(w, 10, 16)
		if err != nil {
			return parts, false
		}
		parts[i] = int(n)
	}
	return parts, true
}

func isVersion(v string) bool {
	_, ok := versionParts(v)
	return ok
}

// compareVersions orders two versions; ok is false when one of them is none.
func compareVersions(a, b string) (order int, ok bool) {
	x, okX := versionParts(a)
	y, okY := versionParts(b)
	for i := range x {
		if order == 0 {
			order = cmp.Compare(x[i], y[i])
		}
	}
	return order, okX && okY
}
