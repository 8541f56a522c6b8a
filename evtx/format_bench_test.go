package evtx_test

import (
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// shortTexts are such as events hold, of many lengths, so that no branch on a length is
// foreseen.
var shortTexts = strings.Split("-|SYNC01$|CONTOSO|ADSync|S-1-5-18|0x3e7|NT AUTHORITY|Kerberos|Advapi  |%%1833|sync01.contoso.com|"+
	"Microsoft-Windows-Security-Auditing|Security|svc-sync|127.0.0.1|49731|Group Policy Client|running|auto start|demand start|"+
	"Negotiate|{00000000-0000-0000-0000-000000000000}|NtLmSsp|x64|en-US|CONTOSO.COM|krbtgt|SeServiceLogonRight|Default Domain Policy", "|")

var longTexts = []struct{ name, text string }{
	{"ascii100", strings.Repeat("The Group Policy Client service entered the stopped state. ", 2)[:100]},
	{"ascii4096", strings.Repeat("The Group Policy Client service entered the stopped state. ", 70)[:4096]},
	{"path", `C:\Program Files\Microsoft Azure AD Sync\Bin\miiserver.exe`},
	{"lines", strings.Repeat("SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\t", 3)},
	{"markup", strings.Repeat(`<Data Name="count" xml:space="preserve">12 & more</Data>`, 8)},
	{"german", strings.Repeat("Der Dienst für die Gruppenrichtlinie wurde geändert. ", 8)},
	{"russian", strings.Repeat("Служба клиента групповой политики перешла в состояние ожидания. ", 8)},
	{"chinese", strings.Repeat("组策略客户端服务已进入停止状态。", 16)},
	{"emoji", strings.Repeat("🔒🔑", 32)},
}

var escapes = []struct {
	name string
	esc  evtx.Escape
}{
	{"plain", evtx.EscapeNone},
	{"xml", evtx.EscapeXML},
	{"json", evtx.EscapeJSON},
}

// BenchmarkUTF16 reports bytes of UTF-16 a second.
func BenchmarkUTF16(b *testing.B) {
	dst := make([]byte, 0, 1<<16)
	for _, e := range escapes {
		var texts [][]byte
		size := 0
		for _, s := range shortTexts {
			texts = append(texts, utf16le(s))
			size += 2 * len(s)
		}
		b.Run("short/"+e.name, func(b *testing.B) {
			b.SetBytes(int64(size / len(texts)))
			for i := 0; b.Loop(); i++ {
				evtx.AppendUTF16(dst, texts[i*7%len(texts)], e.esc)
			}
		})
		for _, tt := range longTexts {
			text := utf16le(tt.text)
			b.Run(tt.name+"/"+e.name, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					evtx.AppendUTF16(dst, text, e.esc)
				}
			})
		}
	}
}

// BenchmarkString reports bytes of UTF-8 a second.
func BenchmarkString(b *testing.B) {
	dst := make([]byte, 0, 1<<16)
	for _, tt := range longTexts {
		b.Run(tt.name, func(b *testing.B) {
			b.SetBytes(int64(len(tt.text)))
			for b.Loop() {
				evtx.AppendString(dst, tt.text, evtx.EscapeJSON)
			}
		})
	}
}

// BenchmarkValue prints values of other types than text.
func BenchmarkValue(b *testing.B) {
	dst := make([]byte, 0, 1<<16)
	for _, v := range values {
		switch v.name {
		case "null", "uint8", "uint16", "int32", "uint32", "uint64", "real64", "bool, true", "binary", "guid", "size_t, 64 bit",
			"file time", "system time", "sid", "hexint32", "hexint64":
		default:
			continue
		}
		value := evtx.ValueOf(v.typ, v.raw)
		b.Run(strings.ReplaceAll(v.name, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				evtx.AppendJSON(dst, value)
			}
		})
	}
	for name, v := range map[string]evtx.Value{
		"account":  evtx.ValueOf(evtx.TypeSID, []byte("\x01\x05\x00\x00\x00\x00\x00\x05\x15\x00\x00\x00\xa1\xb2\xc3\xd4\x12\x34\x56\x78\x9a\xbc\xde\xf0\x50\x04\x00\x00")),
		"binary1k": evtx.ValueOf(evtx.TypeBinary, make([]byte, 1024)),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				evtx.AppendJSON(dst, v)
			}
		})
	}
}
