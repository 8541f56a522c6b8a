package gpreport_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/gpreport"
)

// bigText is what gpresult prints, of about size bytes in UTF-16, most of it policies.
func bigText(tb testing.TB, size int) []byte {
	in := printed("Z")
	const heading = "        Administrative Templates\r\n        ------------------------\r\n"
	var policies strings.Builder
	for i := 0; policies.Len() < size/2; i++ {
		fmt.Fprintf(&policies, "            GPO: Server: Baseline\r\n                Folder Id: Software\\Policies\\Microsoft\\Windows\\Setting%d\r\n                Value:       1, 0, 0, 0\r\n                State:       Enabled\r\n\r\n", i)
	}
	text := string(content(tb, in))
	if strings.Count(text, heading) == 0 {
		tb.Fatal("there are no templates in the text")
	}
	return utf16LE(strings.Replace(text, heading, heading+policies.String(), 1))
}

// bigTemplate is an export of about size bytes in UTF-16, most of it values of the registry.
func bigTemplate(size int) []byte {
	var values strings.Builder
	for i := 0; values.Len() < size/2; i++ {
		fmt.Fprintf(&values, "MACHINE\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Setting%d=4,1\r\n", i)
	}
	return utf16LE(strings.Replace(export(), "[Privilege Rights]", "[Registry Values]\n"+values.String()+"[Privilege Rights]", 1))
}

// shortRows is a report of about size bytes in UTF-16, most of it rows that are as short as those
// of security options.
func shortRows(size int) []byte {
	var rows strings.Builder
	for i := 0; rows.Len() < size/2; i++ {
		fmt.Fprintf(&rows, "<tr><td>Policy setting %d</td><td>Enabled</td><td>Server Baseline</td></tr>\r\n", i)
	}
	c := sync01()
	c.settings = settingsOf(table(rightsTitle, english, row("Log on as a service", `CONTOSO\svc`, "Server Baseline")), table("Windows Components", english, rows.String()))
	return utf16LE(page{computer: c.String()}.String())
}

// TestLargestReports: ordinary reports of the largest size are read whole, and the memory is a
// small multiple of the file.
func TestLargestReports(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	const (
		most = 40 // bytes allocated for one of the file
		held = 4  // bytes held for one of the file
	)
	for name, build := range map[string]func() []byte{
		"HTML":               func() []byte { return bigReport(63 << 20) },
		"HTML of short rows": func() []byte { return shortRows(36 << 20) },
		"XML":                func() []byte { return bigResult(63 << 20) },
		"text":               func() []byte { return bigText(t, 63<<20) },
		"security template":  func() []byte { return bigTemplate(63 << 20) },
	} {
		t.Run(name, func(t *testing.T) {
			data := build()
			var before, after, kept runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			r, err := parseBytes(data)
			runtime.ReadMemStats(&after)
			runtime.GC()
			runtime.ReadMemStats(&kept)
			if err != nil || r.Incomplete || r.Computer.Incomplete {
				t.Fatalf("error %v", err)
			}
			if n := (after.TotalAlloc - before.TotalAlloc) / uint64(len(data)); n > most {
				t.Errorf("%d bytes for each of the file are allocated", n)
			}
			if n := (int64(kept.HeapAlloc) - int64(before.HeapAlloc)) / int64(len(data)); n > held {
				t.Errorf("%d bytes for each of the file are held", n)
			}
			runtime.KeepAlive(r)
			runtime.KeepAlive(data)
		})
	}
}

// TestLimitMessages: an error says in plain words which limit was met, or that the file is cut
// off, and what to do.
func TestLimitMessages(t *testing.T) {
	const advice, again = "give each a file of its own", "make or copy it again"
	page := string(shortRows(1 << 12))
	text := string(content(t, printed("V")))
	for _, tt := range []struct {
		name, data string
		cfg        gpreport.Config
		err        error
		want       []string
	}{
		{"size", page, gpreport.Config{MaxBytes: 100}, gpreport.ErrLimit, []string{fmt.Sprintf("the file has %d bytes, and the limit is 100", len(page)), advice}},
		{"HTML nodes", page, gpreport.Config{MaxNodes: 100}, gpreport.ErrLimit, []string{"more than 100 elements and texts", advice}},
		{"HTML depth", page, gpreport.Config{MaxDepth: 5}, gpreport.ErrLimit, []string{"more than 5 nested elements", advice}},
		{"XML nodes", string(bigResult(1 << 12)), gpreport.Config{MaxNodes: 50}, gpreport.ErrLimit, []string{"more than 50 elements and texts", advice}},
		{"text lines", text, gpreport.Config{MaxNodes: 80}, gpreport.ErrLimit, []string{"more than 80 lines", advice}},
		{"template lines", export(), gpreport.Config{MaxNodes: 5}, gpreport.ErrLimit, []string{"more than 5 lines", advice}},
		{"cut HTML", page[:3000], gpreport.Config{}, io.ErrUnexpectedEOF, []string{"the file ends too early: the rest of the report is missing", again}},
		{"cut XML", string(bigResult(1 << 12)[:4000]), gpreport.Config{}, io.ErrUnexpectedEOF, []string{"the file ends too early: the rest of the report is missing", again}},
		{"cut text", text[:len(text)/2], gpreport.Config{}, io.ErrUnexpectedEOF, []string{"the file ends too early: the rest of the report is missing", again}},
		{"cut template", export()[:100], gpreport.Config{}, io.ErrUnexpectedEOF, []string{"the file ends too early: the rest of the report is missing", again}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := gpreport.Parse(t.Context(), strings.NewReader(tt.data), int64(len(tt.data)), tt.cfg)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			for _, jargon := range []string{"limit exceeded", "unexpected EOF", "expected"} {
				if strings.Contains(err.Error(), jargon) {
					t.Errorf("%q says %q", err, jargon)
				}
			}
			if r != nil && !r.Incomplete {
				t.Error("the report is not incomplete")
			}
		})
	}
}

// BenchmarkTextSize and BenchmarkTemplateSize show time against size: as many MB/s for 64 MB as
// for 100 KB.
func BenchmarkTextSize(b *testing.B) {
	benchmarkSizes(b, func(size int) []byte { return bigText(b, size) })
}

func BenchmarkTemplateSize(b *testing.B) { benchmarkSizes(b, bigTemplate) }

func benchmarkSizes(b *testing.B, build func(size int) []byte) {
	for _, size := range []int{100 << 10, 1 << 20, 8 << 20, 63 << 20} {
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			data := build(size)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if r, err := parseBytes(data); err != nil || r.Computer.Incomplete {
					b.Fatal(err)
				}
			}
		})
	}
}
