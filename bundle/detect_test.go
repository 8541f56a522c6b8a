package bundle_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

func TestDetect(t *testing.T) {
	const (
		script = "<html><head><style>.rsopheader{} .gponame{}</style><script>x = \"<td class=\\\"gponame\\\">\";</script></head><body>"
		inf    = "[Unicode]\r\nUnicode=yes\r\n[Privilege Rights]\r\nSeServiceLogonRight = *S-1-5-80-0\r\n"
		rsop   = `<?xml version="1.0" encoding="utf-16"?>` + "\r\n" + `<Rsop xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="http://www.microsoft.com/GroupPolicy/Rsop"><ReadTime/></Rsop>`
		gpo    = `<GPO xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://www.microsoft.com/GroupPolicy/Settings"><Name/></GPO>`
		event  = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System/></Event>`
		text   = "\r\nMicrosoft (R) Windows (R) Operating System Group Policy Result tool v2.0\r\n\r\nCreated on 1/2/2026\r\n"
		french = "Donn\x82es RSOP pour LAB\\user1 sur CLIENT1\xff: mode journalisation\r\n--------------------------------------\r\n"
		sc     = "[SC] QueryServiceConfig SUCCESS\r\n\r\nSERVICE_NAME: ADSync\r\n        TYPE               : 10  WIN32_OWN_PROCESS\r\n"
		whoami = "USER INFORMATION\r\n----------------\r\n\r\nUser Name   SID\r\n=========== =============\r\nlab\\a       S-1-5-21-1-2-3-500\r\n"
	)
	for _, tt := range []struct {
		name, head string
		want       bundle.Kind
	}{
		{"nothing", "", bundle.Empty},
		{"event log", evtx, bundle.EVTX},
		{"event log without its header", strings.Repeat("\x00", 0x1000) + "ElfChnk\x00", bundle.EVTX},
		{"chunk", "ElfChnk\x00", bundle.EVTXChunk},
		{"texts of events", "MTAFile\x00", bundle.MTA},
		{"old event log", "\x30\x00\x00\x00LfLe\x01\x00\x00\x00\x01\x00\x00\x00", bundle.EVT},
		{"hive", "regf\x00\x00\x00\x00", bundle.RegHive},
		{"zip", "PK\x03\x04rest", bundle.Zip},
		{"empty zip", "PK\x05\x06" + strings.Repeat("\x00", 18), bundle.Zip},
		{"document", "PK\x03\x04" + strings.Repeat("\x00", 26) + "[Content_Types].xml", bundle.OfficeDocument},
		{"tar", strings.Repeat("x", 257) + "ustar\x00", bundle.Tar},
		{"gzip", "\x1f\x8b\x08\x00", bundle.Gzip},
		{"bzip2", "BZh91AY&SY", bundle.Bzip2},
		{"xz", "\xfd7zXZ\x00", bundle.XZ},
		{"zstd", "\x28\xb5\x2f\xfd\x04", bundle.Zstd},
		{"7z", "7z\xbc\xaf\x27\x1c\x00", bundle.SevenZip},
		{"cabinet", "MSCF\x00\x00\x00\x00", bundle.Cab},
		{"rar", "Rar!\x1a\x07\x00", bundle.Rar},

		{"report", script + `<td colspan="2" class="rsopheader">`, bundle.GPResultHTML},
		{"report, UTF-16LE", "\xff\xfe" + utf16le(script+`<td class="rsopheader">`), bundle.GPResultHTML},
		{"report, UTF-16LE without mark", utf16le(script + `<td class="rsopheader">`), bundle.GPResultHTML},
		{"report, UTF-16BE", "\xfe\xff" + utf16be(script+`<td class="rsopheader">`), bundle.GPResultHTML},
		{"report, UTF-16BE without mark", utf16be(script + `<td class="rsopheader">`), bundle.GPResultHTML},
		{"report, UTF-8 with mark", "\ufeff" + script + `<td class="rsopheader">`, bundle.GPResultHTML},
		{"report saved by a browser", script + `<DIV class=rsopsettings>`, bundle.GPResultHTML},
		{"report that names a GPO", script + `<div class="rsopsummary"></div><td class="gponame">`, bundle.GPResultHTML},
		{"report after 400 KB of script", script + strings.Repeat("x", 400<<10) + `<td class="rsopheader">`, bundle.GPResultHTML},
		{"GPO report", script + `<td colspan="2" class="gponame">`, bundle.GPOHTML},
		{"styles and scripts only", script, bundle.Unknown},
		{"other page", `<html><body class="x">rsopheader</body></html>`, bundle.Unknown},

		{"RSoP XML", rsop, bundle.GPResultXML},
		{"RSoP XML, UTF-16", "\xff\xfe" + utf16le(rsop), bundle.GPResultXML},
		{"GPO XML", gpo, bundle.GPOXML},
		{"many GPOs", `<report>` + gpo, bundle.GPOXML},
		{"GPOs in an element with the namespace", `<x:GPOS xmlns:x="y" xmlns="http://www.microsoft.com/GroupPolicy/Settings"><GPO>`, bundle.GPOXML},
		{"a prefix", `<gp.x-1:GPO xmlns:gp.x-1="http://www.microsoft.com/GroupPolicy/Settings">`, bundle.GPOXML},
		{"a page that quotes XML", `<!DOCTYPE html><html><script>` + gpo, bundle.Unknown},
		{"quoted XML", "The root is " + rsop, bundle.Unknown},
		{"events", `<?xml version="1.0"?><Events>` + event, bundle.EventXML},
		{"other XML", `<Rsop xmlns="urn:x"/>`, bundle.Unknown},

		{"template", inf, bundle.SeceditINF},
		{"template, UTF-16", "\xff\xfe" + utf16le(inf), bundle.SeceditINF},
		{"template with a comment", "; made by hand\r\n[Version]\r\nsignature=\"$CHICAGO$\"\r\n[Privilege Rights]\r\n", bundle.SeceditINF},
		{"driver", "[Version]\r\nsignature=\"$CHICAGO$\"\r\n[Manufacturer]\r\n", bundle.Unknown},
		{"export", "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE]", bundle.RegExport},
		{"export, UTF-16", "\xff\xfe" + utf16le("Windows Registry Editor Version 5.00\r\n"), bundle.RegExport},
		{"old export", "REGEDIT4\r\n", bundle.RegExport},
		{"gpresult", text, bundle.GPResultText},
		{"gpresult, UTF-16", "\xff\xfe" + utf16le(text), bundle.GPResultText},
		{"gpresult, French in a code page", french, bundle.GPResultText},
		{"gpresult, its headline broken by a narrow window", "RSOP data for CONTOSO\\administrator on \r\nSYNC01 : Logging Mode\r\n----------\r\n", bundle.GPResultText},
		{"a log that speaks of RSoP", "GPSVC(1.2) Logging RSoP data: C:\\x\r\nGPSVC(1.2) done\r\n", bundle.Unknown},
		{"sc", sc, bundle.SCText},
		{"whoami", whoami, bundle.WhoamiText},
		{"sc in Italian", "\r\nNOME_SERVIZIO: ADSync\r\n        TIPO                   : 10  WIN32_OWN_PROCESS\r\n", bundle.SCText},
		{"sc query in Italian, UTF-16", "\xff\xfe" + utf16le("NOME_SERVIZIO: ADSync\r\nNOME_VISUALIZZATO: Sync\r\n        TIPO : 10  WIN32_OWN_PROCESS\r\n"), bundle.SCText},
		{"whoami as CSV", "\"lab\\a\",\"S-1-5-21-1-2-3-500\"\r\n", bundle.WhoamiText},
		{"whoami as a list", "User Name: lab\\a\r\nSID:       S-1-5-21-1-2-3-500\r\n", bundle.WhoamiText},
		{"services as CSV", "#TYPE X\r\n\"StartName\",\"Name\",\"State\"\r\n\"LocalSystem\",\"ADSync\",\"Running\"\r\n", bundle.ServiceList},
		{"services of wmic", "\r\nNode,Name,StartMode\r\nSYNC01,ADSync,Auto\r\n", bundle.ServiceList},
		{"services as a list", "\r\nName      : ADSync\r\nStartName : LocalSystem\r\n", bundle.ServiceList},
		{"another CSV", "Name,Started,Nickname\r\na,b,c\r\n", bundle.Unknown},
		{"error of sc", "[SC] OpenService FAILED 1060:\r\n\r\nThe specified service does not exist.\r\n", bundle.ErrorNote},
		{"error of wevtutil", "Failed to export log Security. Access is denied.\r\n", bundle.ErrorNote},
		{"error of gpresult", "\xff\xfe" + utf16le("INFO: The user \"LAB\\a\" does not have RSoP data.\r\n"), bundle.ErrorNote},
		{"error in German", "FEHLER: Zugriff verweigert\r\n", bundle.ErrorNote},
		{"a log with an error in it", strings.Repeat("line\n", 3000) + "Access is denied.\n", bundle.Unknown},
		{"text", "hello\n", bundle.Unknown},
		{"binary", "\x00\x01\x02\x03\x04\x05\x06\x07", bundle.Unknown},
		{"short", "\xff", bundle.Unknown},
		{"mark only", "\xff\xfe", bundle.Unknown},
	} {
		if got := bundle.Detect([]byte(tt.head)); got != tt.want {
			t.Errorf("%s: Detect = %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestDescription(t *testing.T) {
	for kind, want := range map[bundle.Kind]string{
		bundle.GPResultHTML: "Group Policy Results report",
		bundle.Unknown:      "unrecognised file",
		"of-tomorrow":       "of-tomorrow",
	} {
		if got := kind.Description(); got != want {
			t.Errorf("%s: Description = %q, want %q", kind, got, want)
		}
	}
}

// corpus returns the folder of real samples, which is not part of the repository.
func corpus(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("GPEVTX_CORPUS")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "corpus")
	}
	folder = filepath.Join(folder, name)
	if _, err := os.Stat(folder); err != nil {
		t.Skip("no corpus: ", err)
	}
	return folder
}

// The names of the corpus say what the files are.
func TestDetectCorpus(t *testing.T) {
	folder := corpus(t, "reports")
	b := open(t, bundle.Config{}, folder)
	kinds := map[string]bundle.Kind{
		".gpresult.html": bundle.GPResultHTML, ".gpresult.htm": bundle.GPResultHTML, ".gpresult.xml": bundle.GPResultXML,
		".gpo.html": bundle.GPOHTML, ".gpo.htm": bundle.GPOHTML, ".gpo.xml": bundle.GPOXML, ".GptTmpl.inf": bundle.SeceditINF,
	}
	checked := 0
	for _, in := range b.Inputs {
		for suffix, want := range kinds {
			if strings.HasSuffix(string(in.Source), suffix) {
				checked++
				if in.Kind != want {
					t.Errorf("%s: %s, want %s", in.Source.Base(), in.Kind, want)
				}
			}
		}
	}
	if checked < 18 {
		t.Errorf("%d files had a known name, want 18 or more", checked)
	}
}

func TestDetectCorpusLogs(t *testing.T) {
	b := open(t, bundle.Config{}, corpus(t, "evtx"))
	logs := 0
	for _, in := range b.Inputs {
		if strings.HasSuffix(string(in.Source), ".evtx") {
			logs++
			if in.Kind != bundle.EVTX || in.Status != bundle.Ignored || len(in.SHA256) != 64 {
				t.Errorf("%s: %s %s %q %s", in.Source, in.Kind, in.Status, in.SHA256, in.Detail)
			}
		}
	}
	if logs < 300 {
		t.Errorf("%d logs, want 300 or more", logs)
	}
}

func FuzzDetect(f *testing.F) {
	f.Add([]byte(evtx))
	f.Add([]byte(report))
	f.Add([]byte("\xff\xfe" + utf16le(report)))
	f.Add([]byte("[Unicode]\r\nUnicode=yes\r\n"))
	f.Fuzz(func(t *testing.T, head []byte) {
		kind := bundle.Detect(head)
		if (kind == bundle.Empty) != (len(head) == 0) || kind == bundle.Directory {
			t.Errorf("Detect = %q for %d bytes", kind, len(head))
		}
	})
}

// TestDetectPrintouts: what gpresult prints is told in all languages and encodings, and what
// is told to be that is read as that.
func TestDetectPrintouts(t *testing.T) {
	for _, language := range []string{"en", "de", "fr", "x-unknown"} {
		for _, encoding := range []string{"utf-8", "utf-8-bom", "utf-16le-bom", "utf-16le", "utf-16be", "850", "1252"} {
			for _, width := range []int{0, 57, 60, 80} {
				in := fixture.GPResultText{Host: "SYNC01", Width: width, GPResult: fixture.GPResult{
					Language: language, Encoding: encoding, Collected: "11/20/2026 5:30:00", Refreshed: "11/20/2026 5:00:00",
					User: &fixture.GPScope{Name: `CONTOSO\administrator`, Domain: "contoso.com"},
				}}
				data, err := in.Bytes()
				if err != nil {
					t.Fatal(err)
				}
				r, err := gpreport.Parse(t.Context(), bytes.NewReader(data), int64(len(data)), gpreport.Config{})
				if kind := bundle.Detect(data); kind != bundle.GPResultText || r == nil || r.Kind != gpreport.GPResultText {
					t.Errorf("%s in %s, width %d: %q, read as %+v, %v", language, encoding, width, kind, r, err)
				}
			}
		}
	}
}
