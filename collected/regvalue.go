package collected

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf16"
)

// regData is the data of one value of a registry export.
type regData struct {
	at    Value  // the line
	kind  string // "sz", "dword", "hex" or "hex(N)"; empty when it was not understood
	sz    string
	n     uint32
	bytes []byte
	wide  bool
}

func (d regData) known() bool { return d.kind != "" }

// maxContinued bounds the lines that one value goes over.
const maxContinued = 4096

// value reads a line "Name"=data, with the lines on which the data goes on.
func (e *exportReader) value(line string) {
	name, data, ok := cutName(line)
	if !ok {
		return
	}
	d := regData{at: e.parser.value("", line), wide: e.wide}
	switch {
	case data == "-":
		e.edited = e.lines.line
		return
	case strings.HasPrefix(data, `"`):
		if data, ok := e.quoted(data); ok {
			d.kind, d.sz = "sz", unescape(data)
		}
	case len(data) > 6 && strings.EqualFold(data[:6], "dword:"):
		if n, err := strconv.ParseUint(strings.TrimSpace(data[6:]), 16, 32); err == nil {
			d.kind, d.n = "dword", uint32(n)
		}
	case len(data) >= 4 && strings.EqualFold(data[:3], "hex"):
		kind, digits, ok := strings.Cut(data, ":")
		b, err := hex.DecodeString(strings.ReplaceAll(e.continued(digits), ",", ""))
		if ok && err == nil {
			d.kind, d.bytes = strings.ToLower(kind), b
		}
	}
	if d.kind == "" {
		e.warn(BadValue, d.at.At.Line, "the value %q was not understood", shorten(name, 80))
		return
	}
	e.key(name, d)
}

// quoted returns a text in quotes without them, read on over the lines that it goes over. It
// is false when it does not end.
func (e *exportReader) quoted(line string) (string, bool) {
	var data strings.Builder
	data.WriteString(line)
	end := closed(line)
	for i := 0; !end && i < maxContinued && data.Len() < e.cfg.MaxLine && e.lines.next(); i++ {
		line = "\n" + e.lines.text()
		data.WriteString(line)
		end = closed(line)
	}
	if !end {
		return "", false
	}
	return data.String()[1 : data.Len()-1], true
}

// continued returns the digits of a value, read on over the lines that it goes over.
func (e *exportReader) continued(line string) string {
	var digits strings.Builder
	for i := 0; ; i++ {
		more, ok := strings.CutSuffix(line, `\`)
		if !ok || i == maxContinued || digits.Len()+len(line) >= e.cfg.MaxLine || !e.lines.next() {
			digits.WriteString(line)
			return digits.String()
		}
		digits.WriteString(more)
		line = strings.TrimSpace(e.lines.text())
	}
}

// cutName takes "Name"=data apart.
func cutName(line string) (name, data string, ok bool) {
	if !strings.HasPrefix(line, `"`) {
		return "", "", false
	}
	for i := 1; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			data, ok = strings.CutPrefix(line[i+1:], "=")
			return unescape(line[1:i]), strings.TrimSpace(data), ok
		}
	}
	return "", "", false
}

// closed reports whether a text in quotes ends with its quote.
func closed(data string) bool {
	if len(data) < 2 || data[len(data)-1] != '"' {
		return false
	}
	escapes := 0
	for i := len(data) - 2; i > 0 && data[i] == '\\'; i-- {
		escapes++
	}
	return escapes%2 == 0
}

var unescaper = strings.NewReplacer(`\\`, `\`, `\"`, `"`)

func unescape(s string) string { return unescaper.Replace(s) }

// text is the data as a text: of the types REG_SZ, REG_EXPAND_SZ and REG_MULTI_SZ.
func (d regData) text() Value {
	v := d.at
	switch d.kind {
	case "sz":
		v.Text = d.sz
	case "hex(1)", "hex(2)", "hex(7)":
		v.Text = strings.Join(d.list(), ", ")
	default:
		return Value{}
	}
	v.Text = shorten(v.Text, maxText)
	return v
}

// list is the data of the type REG_MULTI_SZ, or one text.
func (d regData) list() []string {
	if d.kind == "sz" {
		return []string{shorten(d.sz, maxText)}
	}
	s := string(d.bytes)
	if d.wide {
		units := make([]uint16, 0, len(d.bytes)/2)
		for i := 0; i+1 < len(d.bytes); i += 2 {
			units = append(units, uint16(d.bytes[i])|uint16(d.bytes[i+1])<<8)
		}
		s = string(utf16.Decode(units))
	}
	var out []string
	for _, part := range strings.Split(strings.ToValidUTF8(s, "\uFFFD"), "\x00") {
		if part != "" && len(out) < maxList {
			out = append(out, shorten(part, maxText))
		}
	}
	return out
}

// maxList bounds the entries of one list.
const maxList = 256

// number is the data of the type REG_DWORD.
func (d regData) number() Number {
	if d.kind != "dword" {
		return Number{}
	}
	v := d.at
	v.Text = strconv.FormatUint(uint64(d.n), 10)
	return Number{Value: v, N: int64(d.n)}
}

// signed is the data of the type REG_DWORD that can be negative.
func (d regData) signed() Number {
	n := d.number()
	if n.Known() {
		n.N = int64(int32(d.n))
		n.Text = strconv.FormatInt(n.N, 10)
	}
	return n
}

// flag is "true" or "false", from a number or from bytes as REG_BINARY has them.
func (d regData) flag() Value {
	v := d.at
	switch {
	case d.kind == "dword":
		v.Text = strconv.FormatBool(d.n != 0)
	case d.kind == "hex" && len(d.bytes) > 0:
		set := false
		for _, b := range d.bytes {
			set = set || b != 0
		}
		v.Text = strconv.FormatBool(set)
	default:
		return Value{}
	}
	return v
}
