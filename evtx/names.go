package evtx

import (
	"strings"
	"unicode"
)

// maxNameLength bounds the names of elements and attributes, in UTF-16 units: every use of
// a name copies it.
const maxNameLength = 256

// nameStart holds the letters that XML 1.0 allowed in names from its first edition on, of
// the scripts in which programs name things; parsers that follow a later edition take them
// too.
var nameStart = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 'A', Hi: 'Z', Stride: 1},
		{Lo: '_', Hi: '_', Stride: 1},
		{Lo: 'a', Hi: 'z', Stride: 1},
		{Lo: 0xc0, Hi: 0xd6, Stride: 1},
		{Lo: 0xd8, Hi: 0xf6, Stride: 1},
		{Lo: 0xf8, Hi: 0x131, Stride: 1},
		{Lo: 0x134, Hi: 0x13e, Stride: 1},
		{Lo: 0x141, Hi: 0x148, Stride: 1},
		{Lo: 0x14a, Hi: 0x17e, Stride: 1},
		{Lo: 0x388, Hi: 0x38a, Stride: 1}, // Greek
		{Lo: 0x38e, Hi: 0x3a1, Stride: 1},
		{Lo: 0x3a3, Hi: 0x3ce, Stride: 1},
		{Lo: 0x401, Hi: 0x40c, Stride: 1}, // Cyrillic
		{Lo: 0x40e, Hi: 0x44f, Stride: 1},
		{Lo: 0x451, Hi: 0x45c, Stride: 1},
		{Lo: 0x45e, Hi: 0x481, Stride: 1},
		{Lo: 0x5d0, Hi: 0x5ea, Stride: 1}, // Hebrew
		{Lo: 0x621, Hi: 0x63a, Stride: 1}, // Arabic
		{Lo: 0x641, Hi: 0x64a, Stride: 1},
		{Lo: 0xe01, Hi: 0xe2e, Stride: 1},   // Thai
		{Lo: 0x3041, Hi: 0x3094, Stride: 1}, // Japanese
		{Lo: 0x30a1, Hi: 0x30fa, Stride: 1},
		{Lo: 0x4e00, Hi: 0x9fa5, Stride: 1}, // Chinese
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1}, // Korean
	},
	LatinOffset: 6,
}

// isXMLName reports whether s can name an element or attribute without making the document
// unreadable to some XML parser: a name, or two with a colon between them.
func isXMLName(s string) bool {
	prefix, local, qualified := strings.Cut(s, ":")
	return isNCName(prefix) && (!qualified || isNCName(local))
}

func isNCName(s string) bool {
	for i, r := range s {
		if unicode.Is(nameStart, r) || i > 0 && (r >= '0' && r <= '9' || r == '-' || r == '.' || r == '·' || r == 'ー') {
			continue
		}
		return false
	}
	return s != ""
}

// knownName is a name of an element or attribute.
type knownName struct {
	text    string
	jsonKey []byte
	valid   bool // in XML
}

// recentNames is how many names of a chunk are found without a look into a table.
const recentNames = 128

// recentName is a name at an offset of the chunk.
type recentName struct {
	name
	*knownName
	off    uint32
	hashOK bool
}

// knownNameAt reads the name at off.
func (c *chunk) knownNameAt(off uint32) (*recentName, error) {
	r := &c.recentNames[off/4%recentNames]
	if r.knownName != nil && r.off == off {
		return r, nil
	}
	n, hashOK, err := c.nameAt(off)
	if err != nil {
		return nil, err
	}
	*r = recentName{name: n, knownName: c.metNames.get(n.raw), off: off, hashOK: hashOK}
	return r, nil
}

// nameTable holds the names that were met, by their UTF-16LE bytes. The zero value is empty.
type nameTable struct{ byRaw map[string]*knownName }

// maxMetNames bounds the table: a hostile log can have a new name in every record. Windows
// and all that runs on it use some hundred.
const maxMetNames = 4096

func (t *nameTable) get(raw []byte) *knownName {
	if n := t.byRaw[string(raw)]; n != nil {
		return n
	}
	if t.byRaw == nil || len(t.byRaw) >= maxMetNames {
		t.byRaw = make(map[string]*knownName)
	}
	text := utf16Text(raw)
	n := &knownName{text: text, jsonKey: jsonKey(text), valid: isXMLName(text)}
	t.byRaw[string(raw)] = n
	return n
}
