package collected

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// Membership is the complete list of the members of one group, as a person states it.
type Membership struct {
	Group   sid.Principal
	Members []sid.Principal
	// At is the line on which it stands.
	At evidence.Location
}

// The limits of a file of groups, which people write.
const (
	maxGroupFile    = 16 << 20
	maxGroups       = 10_000
	maxGroupMembers = 100_000
)

// ParseGroups reads groups with their members, one group a line:
//
//	# who is in the groups that the policy lists
//	CONTOSO\Sync Services: CONTOSO\svc-sync, CONTOSO\Other
//	S-1-5-21-1-2-3-1107: S-1-5-21-1-2-3-1601
//	BUILTIN\Guests:
//
// Each line states all members of the group, those by way of other groups included: an
// account that is not among them is not in the group. A group without members is empty.
// Names and SIDs are as [sid.ParsePrincipal] takes them; a text from # on is a comment where
// a blank or nothing stands before it.
//
// The error names every line that is wrong; then there are no groups.
func ParseGroups(r io.Reader, source evidence.Source) ([]Membership, error) {
	var out []Membership
	var errs []error
	seen := make(map[string]int)
	members := 0
	lines := bufio.NewScanner(io.LimitReader(r, maxGroupFile+1))
	lines.Buffer(make([]byte, 0, 64<<10), maxGroupFile)
	line, size := 0, 0
	fail := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s:%d: %s", source, line, fmt.Sprintf(format, args...)))
	}
	for lines.Scan() && len(errs) < maxWarnings {
		line++
		size += len(lines.Bytes()) + 1
		text := strings.TrimSpace(uncomment(strings.TrimPrefix(lines.Text(), "\ufeff")))
		if text == "" {
			continue
		}
		group, list, ok := strings.Cut(text, ":")
		group = strings.TrimSpace(group)
		switch {
		case !ok:
			fail(`%q: a line "GROUP: MEMBER, MEMBER" is expected`, shorten(text, 80))
			continue
		case group == "":
			fail("the name of the group is missing before the colon")
			continue
		case seen[strings.ToLower(group)] > 0:
			fail("the group %q stands on line %d already", shorten(group, 80), seen[strings.ToLower(group)])
			continue
		case len(out) == maxGroups:
			fail("more than %d groups", maxGroups)
			continue
		}
		seen[strings.ToLower(group)] = line
		m := Membership{Group: sid.ParsePrincipal(group), At: evidence.Location{Source: source, Line: line}}
		for name := range strings.SplitSeq(list, ",") {
			name = strings.TrimSpace(name)
			if name == "" {
				if strings.TrimSpace(list) != "" {
					fail("a member is missing between two commas")
				}
				continue
			}
			if members++; members > maxGroupMembers {
				fail("more than %d members", maxGroupMembers)
				break
			}
			m.Members = append(m.Members, sid.ParsePrincipal(name))
		}
		out = append(out, m)
	}
	if err := lines.Err(); err != nil {
		line++
		fail("%v", err)
	} else if size > maxGroupFile {
		fail("the file is larger than %d bytes", maxGroupFile)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return out, nil
}

// uncomment cuts a comment off.
func uncomment(line string) string {
	for i := 0; i < len(line); i++ {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return line[:i]
		}
	}
	return line
}
