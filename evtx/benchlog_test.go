package evtx_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

// benchLog is a log for benchmarks, made when it is first asked for.
type benchLog struct {
	name string
	log  func(testing.TB) []byte
}

// benchLogs are logs as servers have them, of several megabytes each. Security and Sysmon are
// what large logs consist of: events of a manifest, whose provider and channel are values, and
// whose data, many and typed, are a BinXML value with a template of its own; some 700 bytes a
// record, a few templates a chunk. System has many small ones of a source that moved to a
// manifest, with its names in the template. Real is the full chunks of the real logs, where
// they are: hundreds of logs with over a thousand templates, so that compiling counts.
var benchLogs = []benchLog{
	{"system", func(testing.TB) []byte { return bigLog() }},
	{"security", generated(func() fixture.EvtxLog { return securityLog(6000) })},
	{"sysmon", generated(func() fixture.EvtxLog { return sysmonLog(5000) })},
	{"real", realChunks},
}

func generated(log func() fixture.EvtxLog) func(testing.TB) []byte {
	once := sync.OnceValues(func() ([]byte, error) { return log().Bytes() })
	return func(t testing.TB) []byte {
		b, err := once()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

const (
	securityGUID = "{54849625-5478-4994-A5BA-3E3B0328C30D}"
	sysmonGUID   = "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"
)

// fields makes data of names, types and values.
func fields(list ...[3]string) (data []fixture.EvtxData) {
	for _, f := range list {
		data = append(data, fixture.EvtxData{Name: f[0], Type: f[1], Value: f[2]})
	}
	return data
}

// aUser is the SID, name and logon id of one of many accounts.
func aUser(i int) (id, name, logon string) {
	return fmt.Sprintf("S-1-5-21-3623811015-3361044348-30300820-%d", 1100+i%40), fmt.Sprintf("user%02d", i%40), fmt.Sprintf("0x%x", 0x3e7000+i*17)
}

// subject are the first data of most events of the Security log.
func subject(i int) []fixture.EvtxData {
	id, name, logon := aUser(i)
	return fields([3]string{"SubjectUserSid", "sid", id}, [3]string{"SubjectUserName", "string", name},
		[3]string{"SubjectDomainName", "string", "CONTOSO"}, [3]string{"SubjectLogonId", "hexint64", logon})
}

// securityLog is n events such as the Security log of a domain controller holds them, one change
// of the audit policy in a thousand.
func securityLog(n int) fixture.EvtxLog {
	log := fixture.EvtxLog{Channel: "Security", Computer: "DC01.contoso.com", FirstRecord: 1_000_000}
	for i := range n {
		e := fixture.EvtxEvent{
			Provider: "Microsoft-Windows-Security-Auditing", ProviderGUID: securityGUID, Keywords: 0x8020000000000000,
			ProcessID: 684, ThreadID: uint32(700 + i%9*4), Time: logStart.Add(time.Duration(i) * 370 * time.Millisecond),
		}
		switch {
		case i%1000 == 999:
			e.ID, e.Task, e.Data = 4719, 13568, append(subject(i), auditChange...)
		case i%20 < 7:
			e.ID, e.Version, e.Task, e.Data = 4624, 2, 12544, append(subject(i), logonData(i)...)
			if i%3 == 0 {
				e.ActivityID = fmt.Sprintf("{A67BE420-4636-0001-36E4-7BA6%08X}", i)
			}
		case i%20 < 10:
			e.ID, e.Task, e.Data = 4634, 12545, logoffData(i)
		case i%20 < 13:
			e.ID, e.Task, e.Data = 4672, 12548, append(subject(i), fixture.EvtxData{Name: "PrivilegeList", Value: privileges})
		case i%20 < 17:
			e.ID, e.Version, e.Task, e.Data = 4688, 2, 13312, append(subject(i), processData(i)...)
		default:
			e.ID, e.Task, e.Data = 5145, 12811, append(subject(i), shareData(i)...)
		}
		log.Events = append(log.Events, e)
	}
	return log
}

const privileges = "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeTakeOwnershipPrivilege\r\n\t\t\t" +
	"SeDebugPrivilege\r\n\t\t\tSeSystemEnvironmentPrivilege\r\n\t\t\tSeLoadDriverPrivilege\r\n\t\t\tSeImpersonatePrivilege"

var auditChange = fields([3]string{"CategoryId", "string", "%%8273"}, [3]string{"SubcategoryId", "string", "%%12544"},
	[3]string{"SubcategoryGuid", "guid", "{0CCE9215-69AE-11D9-BED3-505054503030}"}, [3]string{"AuditPolicyChanges", "string", "%%8449"})

func logonData(i int) []fixture.EvtxData {
	id, name, logon := aUser(i + 7)
	return fields([3]string{"TargetUserSid", "sid", id}, [3]string{"TargetUserName", "string", name},
		[3]string{"TargetDomainName", "string", "CONTOSO"}, [3]string{"TargetLogonId", "hexint64", logon},
		[3]string{"LogonType", "uint32", "3"}, [3]string{"LogonProcessName", "string", "Kerberos"},
		[3]string{"AuthenticationPackageName", "string", "Kerberos"}, [3]string{"WorkstationName", "string", "-"},
		[3]string{"LogonGuid", "guid", fmt.Sprintf("{3F2504E0-4F89-11D3-9A0C-0305%08X}", i)},
		[3]string{"TransmittedServices", "string", "-"}, [3]string{"LmPackageName", "string", "-"}, [3]string{"KeyLength", "uint32", "0"},
		[3]string{"ProcessId", "pointer", "0x0"}, [3]string{"ProcessName", "string", "-"},
		[3]string{"IpAddress", "string", fmt.Sprintf("10.0.%d.%d", i%7, i%251)}, [3]string{"IpPort", "string", fmt.Sprint(49152 + i%16000)},
		[3]string{"ImpersonationLevel", "string", "%%1833"}, [3]string{"RestrictedAdminMode", "string", "-"},
		[3]string{"TargetOutboundUserName", "string", "-"}, [3]string{"TargetOutboundDomainName", "string", "-"},
		[3]string{"VirtualAccount", "string", "%%1843"}, [3]string{"TargetLinkedLogonId", "hexint64", "0x0"}, [3]string{"ElevatedToken", "string", "%%1842"})
}

func logoffData(i int) []fixture.EvtxData {
	id, name, logon := aUser(i)
	return fields([3]string{"TargetUserSid", "sid", id}, [3]string{"TargetUserName", "string", name},
		[3]string{"TargetDomainName", "string", "CONTOSO"}, [3]string{"TargetLogonId", "hexint64", logon}, [3]string{"LogonType", "uint32", "3"})
}

func processData(i int) []fixture.EvtxData {
	return fields([3]string{"NewProcessId", "pointer", fmt.Sprintf("0x%x", 0x1000+i*4)},
		[3]string{"NewProcessName", "string", fmt.Sprintf(`C:\Program Files\Vendor %d\Agent\agent.exe`, i%13)},
		[3]string{"TokenElevationType", "string", "%%1936"}, [3]string{"ProcessId", "pointer", fmt.Sprintf("0x%x", 0x800+i%97*4)},
		[3]string{"CommandLine", "string", fmt.Sprintf(`"C:\Program Files\Vendor %d\Agent\agent.exe" --run job-%d --config "C:\ProgramData\Vendor\agent.json" <&>`, i%13, i)},
		[3]string{"TargetUserSid", "sid", "S-1-0-0"}, [3]string{"TargetUserName", "string", "-"}, [3]string{"TargetDomainName", "string", "-"},
		[3]string{"TargetLogonId", "hexint64", "0x0"}, [3]string{"ParentProcessName", "string", `C:\Windows\System32\svchost.exe`},
		[3]string{"MandatoryLabel", "sid", "S-1-16-16384"})
}

func shareData(i int) []fixture.EvtxData {
	return fields([3]string{"ObjectType", "string", "File"}, [3]string{"IpAddress", "string", fmt.Sprintf("10.0.%d.%d", i%7, i%251)},
		[3]string{"IpPort", "string", fmt.Sprint(49152 + i%16000)}, [3]string{"ShareName", "string", `\\*\SYSVOL`},
		[3]string{"ShareLocalPath", "string", `\??\C:\Windows\SYSVOL\sysvol`},
		[3]string{"RelativeTargetName", "string", fmt.Sprintf(`contoso.com\Policies\{31B2F340-016D-11D2-945F-00C0%08X}\gpt.ini`, i%30)},
		[3]string{"AccessMask", "hexint32", "0x120089"},
		[3]string{"AccessList", "string", "%%1538\r\n\t\t\t\t%%1541\r\n\t\t\t\t%%4416\r\n\t\t\t\t%%4419\r\n\t\t\t\t%%4423\r\n\t\t\t\t"},
		[3]string{"AccessReason", "string", "%%1541:\t%%1801\tD:(A;;0x1200a9;;;WD)\r\n\t\t\t\t"})
}

// sysmonLog is n events such as Sysmon writes them, one change of its configuration in a thousand.
func sysmonLog(n int) fixture.EvtxLog {
	log := fixture.EvtxLog{Channel: "Microsoft-Windows-Sysmon/Operational", Computer: "SYNC01.contoso.com", FirstRecord: 1}
	for i := range n {
		e := fixture.EvtxEvent{
			Provider: "Microsoft-Windows-Sysmon", ProviderGUID: sysmonGUID, Keywords: 0x8000000000000000, Level: 4, Version: 5,
			UserSID: "S-1-5-18", ProcessID: 2716, ThreadID: 3560, Time: logStart.Add(time.Duration(i) * 90 * time.Millisecond),
		}
		at := [3]string{"UtcTime", "string", e.Time.Format("2006-01-02 15:04:05.000")}
		process := [3]string{"ProcessGuid", "guid", fmt.Sprintf("{B3C285A4-3CDA-5DC0-0000-0010%08X}", i)}
		pid := [3]string{"ProcessId", "uint32", fmt.Sprint(1000 + i%9000)}
		image := [3]string{"Image", "string", fmt.Sprintf(`C:\Windows\System32\tool%d.exe`, i%31)}
		rule := [3]string{"RuleName", "string", "-"}
		switch {
		case i%1000 == 999:
			e.ID, e.Data = 16, fields(at, [3]string{"Configuration", "string", `C:\sysmon.xml`}, [3]string{"ConfigurationFileHash", "string", hashes})
		case i%10 < 4:
			e.ID, e.Data = 1, fields(rule, at, process, pid, image, [3]string{"FileVersion", "string", "10.0.17763.1 (WinBuild.160101.0800)"},
				[3]string{"Description", "string", "Host Process for Windows Services"}, [3]string{"Product", "string", "Microsoft® Windows® Operating System"},
				[3]string{"Company", "string", "Microsoft Corporation"}, [3]string{"OriginalFileName", "string", "tool.exe"},
				[3]string{"CommandLine", "string", fmt.Sprintf(`"C:\Windows\System32\tool%d.exe" -k netsvcs -p -s Schedule%d`, i%31, i)},
				[3]string{"CurrentDirectory", "string", `C:\Windows\system32\`}, [3]string{"User", "string", `NT AUTHORITY\SYSTEM`},
				[3]string{"LogonGuid", "guid", "{B3C285A4-3BB0-5DC0-0000-0020E7030000}"}, [3]string{"LogonId", "hexint64", "0x3e7"},
				[3]string{"TerminalSessionId", "uint32", "0"}, [3]string{"IntegrityLevel", "string", "System"}, [3]string{"Hashes", "string", hashes},
				[3]string{"ParentProcessGuid", "guid", "{B3C285A4-3BB0-5DC0-0000-0010C8030000}"}, [3]string{"ParentProcessId", "uint32", "600"},
				[3]string{"ParentImage", "string", `C:\Windows\System32\services.exe`}, [3]string{"ParentCommandLine", "string", `C:\Windows\system32\services.exe`})
		case i%10 < 6:
			e.ID, e.Data = 13, fields(rule, [3]string{"EventType", "string", "SetValue"}, at, process, pid, image,
				[3]string{"TargetObject", "string", fmt.Sprintf(`HKLM\System\CurrentControlSet\Services\service%d\Start`, i%200)},
				[3]string{"Details", "string", "DWORD (0x00000003)"})
		case i%10 < 8:
			e.ID, e.Data = 3, fields(rule, at, process, pid, image, [3]string{"User", "string", `NT AUTHORITY\NETWORK SERVICE`},
				[3]string{"Protocol", "string", "tcp"}, [3]string{"Initiated", "bool", "true"}, [3]string{"SourceIsIpv6", "bool", "false"},
				[3]string{"SourceIp", "string", "10.0.0.11"}, [3]string{"SourceHostname", "string", "SYNC01.contoso.com"},
				[3]string{"SourcePort", "uint16", fmt.Sprint(49152 + i%16000)}, [3]string{"SourcePortName", "string", ""},
				[3]string{"DestinationIsIpv6", "bool", "false"}, [3]string{"DestinationIp", "string", fmt.Sprintf("10.0.%d.%d", i%7, i%251)},
				[3]string{"DestinationHostname", "string", ""}, [3]string{"DestinationPort", "uint16", "443"}, [3]string{"DestinationPortName", "string", "https"})
		default:
			e.ID, e.Data = 11, fields(rule, at, process, pid, image,
				[3]string{"TargetFilename", "string", fmt.Sprintf(`C:\Windows\Prefetch\TOOL%d.EXE-%08X.pf`, i%31, i)}, [3]string{"CreationUtcTime", "string", at[2]})
		}
		log.Events = append(log.Events, e)
	}
	return log
}

const hashes = "SHA1=A1385CE20AD79F55DF235EFFD9780C31442AA234,MD5=8A0A29438052FAED8A2532DA50455756," +
	"SHA256=7FD065BAC18C5278777AE44908101CDFED72D26FA741367F0AD4D02020787AB6,IMPHASH=247B9220E5D9B720A82B2C8B5069AD69"

// realChunks is a log of the chunks of the real logs that are full and whose checksums are
// right, each once.
var realChunks = func() func(testing.TB) []byte {
	var once sync.Once
	var log []byte
	return func(t testing.TB) []byte {
		dir, files := corpus(t) // skips where there is none
		once.Do(func() {
			var chunks [][]byte
			seen := make(map[string]bool)
			for _, f := range files {
				b := readCorpusFile(t, dir, f.name)
				for at := fileHeaderSize; at+chunkSize <= len(b); at += chunkSize {
					if c := b[at : at+chunkSize]; fullAndSealed(c) && !seen[string(c)] {
						seen[string(c)] = true
						chunks = append(chunks, c)
					}
				}
			}
			log = logFile(chunks...)
		})
		return log
	}
}()

func fullAndSealed(c []byte) bool {
	free := binary.LittleEndian.Uint32(c[48:])
	if !bytes.HasPrefix(c, []byte("ElfChnk\x00")) || free < 52000 || free > chunkSize {
		return false
	}
	sealed := bytes.Clone(c)
	sealChunk(sealed)
	return bytes.Equal(sealed, c)
}

// damagedLog damages a log so that a quarter of its chunks have to be recovered: every eighth
// has a wrong checksum, and every eighth has lost its header.
func damagedLog(log []byte) []byte {
	log = bytes.Clone(log)
	for i, at := 0, fileHeaderSize; at+chunkSize <= len(log); i, at = i+1, at+chunkSize {
		switch i % 8 {
		case 2:
			log[at+52]++
		case 6:
			clear(log[at:][:128])
		}
	}
	return log
}

// TestBenchLogs holds that the generated logs of the benchmarks are like real ones, and that
// the damaged ones are recovered.
func TestBenchLogs(t *testing.T) {
	for _, l := range benchLogs {
		if l.name == "real" {
			continue
		}
		t.Run(l.name, func(t *testing.T) {
			b := l.log(t)
			templates, records := 0, 0
			for at := fileHeaderSize; at < len(b); at += chunkSize {
				c := b[at:][:chunkSize]
				if crc32.ChecksumIEEE(c[chunkHeader:binary.LittleEndian.Uint32(c[48:])]) != binary.LittleEndian.Uint32(c[52:]) {
					t.Fatal("a checksum is wrong")
				}
				templates += countTemplates(c)
			}
			r := openLog(t, b, evtx.Config{})
			for _, err := range r.Events(t.Context(), nil) {
				if err != nil {
					t.Fatal(err)
				}
				records++
			}
			chunks := len(b) / chunkSize
			if size := len(b) / records; size < 250 || size > 1500 || templates < 3*chunks || templates > 30*chunks {
				t.Errorf("%d bytes a record, %d templates in %d chunks", size, templates, chunks)
			}
			recovered, damage := 0, 0
			for ev, err := range openLog(t, damagedLog(b), evtx.Config{Recover: evtx.RecoverAll}).Events(t.Context(), nil) {
				var e *evtx.Error
				switch {
				case errors.As(err, &e):
					damage++
				case ev.Recovery != evtx.Intact:
					recovered++
				}
			}
			if damage == 0 || recovered < records/8 {
				t.Errorf("%d records of %d recovered, %d errors", recovered, records, damage)
			}
		})
	}
}

// countTemplates counts the templates that a chunk's table leads to.
func countTemplates(c []byte) (n int) {
	for i := range 32 {
		for at := binary.LittleEndian.Uint32(c[384+4*i:]); at >= chunkHeader && at < chunkSize-4; at = binary.LittleEndian.Uint32(c[at:]) {
			n++
		}
	}
	return n
}
