package facts

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ListedGPO is a GPO in the list of one run of Group Policy.
type ListedGPO struct {
	GPO GPO
	// Version has the version of the part in Active Directory in its low half and that of
	// the part in SYSVOL in its high half. Both are those of the computer's settings in the
	// list of a computer's run.
	Version uint32
	// Link is the site, domain or OU through which the GPO applies, such as
	// LDAP://OU=Servers,DC=contoso,DC=com.
	Link string
	// Denied says why the GPO was filtered out, such as NOTAPPLIED-EMPTY; empty for those
	// that apply.
	Denied string
}

// gpoListField is the field with the list in the events 5312 and 5313.
const gpoListField = "GPOInfoList"

// What is kept of one list.
const (
	maxListed     = 128     // GPOs
	maxListedText = 8 << 10 // of all of them, in bytes
	maxListedName = 256     // of one text
)

// parseGPOList reads the list of GPOs of an event: elements GPO that follow each other
// without a root. partial says that the list is not whole: it breaks off, or there is more
// than is kept.
func parseGPOList(text string) (list []ListedGPO, partial bool) {
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false // a name may have a bare & in it
	room := maxListedText
	for {
		token, err := d.Token()
		if err != nil {
			return list, !errors.Is(err, io.EOF)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local != "GPO" {
			return list, true
		}
		g, whole := readListed(d, start)
		room -= len(g.GPO.Name) + len(g.GPO.GUID) + len(g.Link) + len(g.Denied)
		if !whole || len(list) == maxListed || room < 0 {
			return list, true
		}
		list = append(list, g)
	}
}

// readListed reads one element GPO. whole is false when it breaks off or lacks its version.
func readListed(d *xml.Decoder, start xml.StartElement) (g ListedGPO, whole bool) {
	for _, a := range start.Attr {
		if a.Name.Local == "ID" {
			g.GPO.GUID = guidOf(a.Value)
		}
	}
	version := ""
	fields := map[string]*string{"Name": &g.GPO.Name, "Version": &version, "SOM": &g.Link, "Reason": &g.Denied}
	var field *string
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return g, false
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth == 2 {
				field = fields[t.Name.Local]
			}
		case xml.EndElement:
			if depth--; depth == 1 {
				field = nil
			}
		case xml.CharData:
			if field != nil && depth == 2 {
				*field = cut(*field+string(t), maxListedName)
			}
		}
	}
	n, err := strconv.ParseUint(strings.TrimSpace(version), 10, 32)
	g.Version = uint32(n)
	return g, err == nil
}

// guidOf returns a GUID in braces and upper case; empty for anything else, such as the
// identifier of local policy.
func guidOf(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != len("{31B2F340-016D-11D2-945F-00C04FB984F9}") || s[0] != '{' || s[len(s)-1] != '}' {
		return ""
	}
	for i, c := range s[1 : len(s)-1] {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789ABCDEF", c) {
			return ""
		}
	}
	return s
}

// key identifies a listed GPO in another list: by its GUID, or its name if it has none.
func (g ListedGPO) key() string {
	if g.GPO.GUID != "" {
		return g.GPO.GUID
	}
	return g.GPO.Name
}

// listDifference is how a list of GPOs differs from an earlier one.
type listDifference struct{ added, removed, updated []GPO }

func (d listDifference) empty() bool { return len(d.added)+len(d.removed)+len(d.updated) == 0 }

// compareLists tells how the list of GPOs that apply changed. reordered says that the GPOs
// are the same, in another order or linked elsewhere, so that another one may win.
func compareLists(before, after []ListedGPO) (d listDifference, reordered bool) {
	old := make(map[string]ListedGPO, len(before))
	for _, g := range before {
		old[g.key()] = g
	}
	stays := make(map[string]bool, len(after))
	for _, g := range after {
		was, ok := old[g.key()]
		stays[g.key()] = true
		switch {
		case !ok:
			d.added = append(d.added, g.GPO)
		case was.Version != g.Version:
			d.updated = append(d.updated, g.GPO)
		}
	}
	for _, g := range before {
		if !stays[g.key()] {
			d.removed = append(d.removed, g.GPO)
		}
	}
	same := slices.EqualFunc(before, after, func(a, b ListedGPO) bool { return a.key() == b.key() && a.Link == b.Link })
	return d, d.empty() && !same
}
