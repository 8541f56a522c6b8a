package gpreport_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// bigReport is a report of about size bytes in UTF-16, most of it policies with their help
// texts, as in real ones.
func bigReport(size int) []byte {
	explain := strings.Repeat("This policy setting determines what the policy setting determines. ", 10)
	var rows strings.Builder
	for i := 0; rows.Len() < size/2; i++ {
		fmt.Fprintf(&rows, `<tr><td><span class="explainlink" tabindex="0" gpmc_settingName="Policy %d" gpmc_settingDescription="%s" gpmc_supported="At least Windows Vista">Policy %d</span></td><td>Enabled</td><td>Server Baseline</td></tr>`+"\r\n", i, explain, i)
		if i%4 == 0 {
			rows.WriteString(`<tr><td colspan="3"><table class="subtable_frame" ><tr><td>Option</td><td>4</td></tr></table></td></tr><tr><th>Policy</th><th>Setting</th><th>Winning GPO</th></tr>` + "\r\n")
		}
	}
	c := sync01()
	c.settings = settingsOf(table(rightsTitle, english, row("Log on as a service", `CONTOSO\svc`, "Server Baseline")), table("Windows Components", english, rows.String()))
	return utf16LE(page{computer: c.String()}.String())
}

// BenchmarkSize shows time against size: as many MB/s for 64 MB as for 100 KB.
func BenchmarkSize(b *testing.B) {
	for _, size := range []int{100 << 10, 1 << 20, 8 << 20, 63 << 20} {
		b.Run(fmt.Sprintf("html/%dKB", size>>10), func(b *testing.B) {
			data := bigReport(size)
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

// shapes are reports of HTML of two kinds: policies with help texts, and nothing but short rows.
var shapes = map[string]func(size int) []byte{"policies": bigReport, "rows": shortRows}

// sized is a report of a shape with exactly size bytes: blanks fill it up behind its end.
func sized(tb testing.TB, shape string, size int) []byte {
	tb.Helper()
	data := shapes[shape](size - 16<<10)
	if len(data) > size {
		tb.Fatalf("the report has %d bytes, more than %d", len(data), size)
	}
	return append(data, bytes.Repeat([]byte{' ', 0}, (size-len(data))/2)...)
}

// BenchmarkReport reads reports of exactly 1, 4 and 16 MB: as many MB/s for each. The largest
// reports known have 4 MB.
func BenchmarkReport(b *testing.B) {
	for _, shape := range []string{"policies", "rows"} {
		for _, mb := range []int{1, 4, 16} {
			b.Run(fmt.Sprintf("%s/%dMB", shape, mb), func(b *testing.B) {
				data := sized(b, shape, mb<<20)
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
}

// TestAllocations: a report is read with few allocations for its size, and no more of them for
// each KB of a large one.
func TestAllocations(t *testing.T) {
	const most = 40 // for a KB of the file; short rows need 28
	for shape := range shapes {
		for _, mb := range []int{1, 4} {
			data := sized(t, shape, mb<<20)
			n := testing.AllocsPerRun(2, func() {
				if _, err := parseBytes(data); err != nil {
					t.Fatal(err)
				}
			})
			perKB := n / float64(len(data)>>10)
			fmt.Fprintf(t.Output(), "%s of %d MB: %.1f allocations per KB\n", shape, mb, perKB)
			if perKB > most {
				t.Errorf("%s of %d MB: %.1f allocations per KB", shape, mb, perKB)
			}
		}
	}
}
