package gpreport_test

import (
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
