package bundle

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// HeadSize is how many of a file's first bytes Detect needs at most. Reports begin with up
// to 130 KB of scripts and styles before the first element that tells what they are.
const HeadSize = 512 << 10

// magics are the first bytes of binary formats; a byte string at an offset decides.
var magics = []struct {
	offset int
	bytes  string
	kind   Kind
}{
	{0, "ElfFile\x00", EVTX},
	{0, "ElfChnk\x00", EVTXChunk},
	{0x1000, "ElfChnk\x00", EVTX}, // a file header that was overwritten
	{0, "MTAFile\x00", MTA},
	{0, "\x30\x00\x00\x00LfLe\x01\x00\x00\x00", EVT},
	{0, "regf", RegHive},
	{0, "PK\x03\x04", Zip},
	{0, "PK\x05\x06", Zip},           // without members
	{0, "PK\x07\x08PK\x03\x04", Zip}, // once meant for several disks
	{0, "\x1f\x8b\x08", Gzip},
	{0, "BZh", Bzip2},
	{0, "\xfd7zXZ\x00", XZ},
	{0, "\x28\xb5\x2f\xfd", Zstd},
	{0, "7z\xbc\xaf\x27\x1c", SevenZip},
	{0, "MSCF\x00\x00\x00\x00", Cab},
	{0, "Rar!\x1a\x07", Rar},
	{257, "ustar", Tar},
}

// officeMember is the first member of the zip files that Office documents are.
const officeMember = "[Content_Types].xml"

// Detect tells what a file is by its first bytes: all of it, or the first [HeadSize] bytes.
// Names play no part. Text may be in UTF-8, in UTF-16 with or without a byte order mark, or
// in a code page of which only the ASCII half is understood.
func Detect(head []byte) Kind {
	if len(head) == 0 {
		return Empty
	}
	for _, m := range magics {
		if len(head) >= m.offset && bytes.HasPrefix(head[m.offset:], []byte(m.bytes)) {
			if m.kind == Zip && isOffice(head) {
				return OfficeDocument
			}
			return m.kind
		}
	}
	if text, ok := decodeText(head); ok {
		return detectText(text)
	}
	return Unknown
}

// isOffice reports whether the first member of the zip file has the name that Office
// documents begin with.
func isOffice(head []byte) bool {
	const nameOffset = localHeaderLen
	return len(head) >= nameOffset && bytes.HasPrefix(head[nameOffset:], []byte(officeMember))
}

// Markup of the formats. Attributes may have lost their quotes when a browser saved a report
// again, and namespace prefixes are free to choose.
var (
	rsopClass = regexp.MustCompile(`(?i)\sclass\s*=\s*["']?rsop(?:header|settings|summary)\b`)
	gpoClass  = regexp.MustCompile(`(?i)\sclass\s*=\s*["']?gponame\b`)

	htmlRoot = regexp.MustCompile(`(?is)^(?:\s|<\?.*?\?>|<!--.*?-->)*<(?:!doctype\s+)?html\b`)
	// Reports in XML may stand in an element of any name, which may have the namespace.
	rsopElement = regexp.MustCompile(`<(?:[\pL_][\pL\pN_.-]*:)?Rsop[\s>/]`)
	gpoElement  = regexp.MustCompile(`<(?:[\pL_][\pL\pN_.-]*:)?GPO[\s>/]`)
	eventRoot   = regexp.MustCompile(`<(?:\w+:)?Event\s[^>]*http://schemas\.microsoft\.com/win/2004/08/events/event\b`)

	// The sections that only security templates have.
	infSection = regexp.MustCompile(`(?mi)^\[(?:Unicode|System Access|Event Audit|Privilege Rights|Registry Values|` +
		`Group Membership|Kerberos Policy|Service General Setting|Registry Keys|File Security)\][ \t]*\r?$`)
	// The headline of gpresult, "RSOP data for … on … : …" in any language, is underlined. A
	// narrow window breaks it into two lines.
	rsopLine = regexp.MustCompile(`(?mi)^[^\r\n]*rsop[^\r\n]*(?:[:：][^\r\n]*|[^\r\n]*\r?\n[^\r\n-][^\r\n]*[:：][^\r\n]*|[:：][^\r\n]*\r?\n[^\r\n-][^\r\n]*)\r?\n-{10,}`)
	// sc: in some languages its keys are translated, but not the words for the type of service
	// on the second or third line of a record.
	scLine   = regexp.MustCompile(`(?m)^[ \t]*SERVICE_NAME[ \t]*:`)
	scRecord = regexp.MustCompile(`(?m)^[^\s:]+[ \t]*:[^\r\n]*\r?\n(?:[^\s:]+[ \t]*:[^\r\n]*\r?\n)?` +
		`[ \t]+[^\r\n:]+:[ \t]*[0-9a-fA-F]+[ \t]+(?:WIN32|KERNEL_DRIVER|FILE_SYSTEM_DRIVER|USER_OWN|USER_SHARE)`)
	// whoami prints tables whose head is underlined column by column, CSV or lists.
	whoamiLine = regexp.MustCompile(`(?m)^={3,}(?: ={3,})+[ \t]*\r?$`)
	whoamiCSV  = regexp.MustCompile(`(?m)^"[^"\r\n]*","(?:[^"\r\n]*",")?S-1-[0-9-]+"(?:,"[^"\r\n]*")?[ \t]*\r?$`)
	whoamiList = regexp.MustCompile(`(?m)^[^\s:][^:\r\n]*:[^\r\n]*\r?\n(?:[^\s:][^:\r\n]*:[^\r\n]*\r?\n)?SID:[ \t]+S-1-[0-9-]+[ \t]*\r?$`)
	// Lists of services: the line of names of a CSV, or two of the properties.
	serviceHead = regexp.MustCompile(`(?mi)^(?:[^\r\n]*[,;\t])?"?Name"?[,;\t](?:[^\r\n]*[,;\t])?"?(?:StartName|StartMode|StartType)"?(?:[,;\t]|[ \t]*\r?$)` +
		`|^(?:[^\r\n]*[,;\t])?"?(?:StartName|StartMode|StartType)"?[,;\t](?:[^\r\n]*[,;\t])?"?Name"?(?:[,;\t]|[ \t]*\r?$)`)
	serviceName = regexp.MustCompile(`(?mi)^[ \t]*Name[ \t]*[:=][ \t]*\S`)
	serviceProp = regexp.MustCompile(`(?mi)^[ \t]*(?:StartName|StartMode|StartType)[ \t]*[:=]`)
	// What tools say when they fail; see package collected.
	errorLine = regexp.MustCompile(`(?mi)^[ \t]*(?:\[SC\] *[\w:]+[ \t]+[^\r\n]*?[0-9]+[ \t]*:` +
		`|Failed to (?:export log|open channel|read events?)` +
		`|[^\r\n]*does not have RSOP data` +
		`|ERROR: The system was unable to find the specified registry key` +
		`|The specified channel could not be found` +
		`|You do not have sufficient permissions to perform this command` +
		`|(?:[A-Z]+[ \t]*:[ \t]*)?(?:Access (?:is )?denied|Zugriff verweigert|Acc[èe]s refus[ée]|Acceso denegado|Accesso negato|Acesso negado|アクセスが拒否されました|拒绝访问)[.。]?[ \t]*\r?$)`)
)

// textHead bounds how much of a text is searched for what must stand at its beginning.
const textHead = 64 << 10

// maxErrorNote is how many bytes of text a file has at most that is nothing but an error: in
// a longer one the same words can mean something else.
const maxErrorNote = 8 << 10

func detectText(text string) Kind {
	text = strings.TrimLeft(text, "\ufeff \t\r\n")
	begin := text[:min(len(text), textHead)]
	switch {
	case strings.HasPrefix(text, "<"):
		return detectMarkup(text, begin)
	case strings.HasPrefix(text, "Windows Registry Editor Version 5") || strings.HasPrefix(text, "REGEDIT4"):
		return RegExport
	case strings.HasPrefix(text, "[") || strings.HasPrefix(text, ";"):
		if infSection.MatchString(text) {
			return SeceditINF
		}
	}
	switch {
	case rsopLine.MatchString(begin) || strings.Contains(begin, "Group Policy Result tool"):
		return GPResultText
	case scLine.MatchString(begin) || scRecord.MatchString(begin):
		return SCText
	case whoamiLine.MatchString(begin) && strings.Contains(begin, "S-1-"):
		return WhoamiText
	case serviceHead.MatchString(begin) || serviceName.MatchString(begin) && serviceProp.MatchString(begin):
		return ServiceList
	case whoamiCSV.MatchString(begin) || whoamiList.MatchString(begin):
		return WhoamiText
	case len(text) <= maxErrorNote && errorLine.MatchString(text):
		return ErrorNote
	}
	return Unknown
}

// The namespaces of reports in XML.
const (
	rsopNamespace = "http://www.microsoft.com/GroupPolicy/Rsop"
	gpoNamespace  = "http://www.microsoft.com/GroupPolicy/Settings"
)

func detectMarkup(text, begin string) Kind {
	page := htmlRoot.MatchString(begin)
	switch {
	case !page && strings.Contains(begin, rsopNamespace) && rsopElement.MatchString(begin):
		return GPResultXML
	case !page && strings.Contains(begin, gpoNamespace) && gpoElement.MatchString(begin):
		return GPOXML
	case eventRoot.MatchString(begin):
		return EventXML
	}
	// Scripts and styles name all classes, so it takes an attribute; of several, the first.
	rsop, gpo := rsopClass.FindStringIndex(text), gpoClass.FindStringIndex(text)
	switch {
	case rsop != nil && (gpo == nil || rsop[0] < gpo[0]):
		return GPResultHTML
	case gpo != nil:
		return GPOHTML
	}
	return Unknown
}

// decodeText makes a string of b. It reports false when b is not text.
func decodeText(b []byte) (string, bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return decodeUTF16(b[2:], binary.LittleEndian), true
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return decodeUTF16(b[2:], binary.BigEndian), true
	}
	sample := b[:min(len(b), 256)]
	if !bytes.Contains(sample, []byte{0}) {
		return string(b), true
	}
	// UTF-16 without its mark: the formats looked for begin in ASCII.
	if order, ok := guessUTF16(sample); ok {
		return decodeUTF16(b, order), true
	}
	return "", false
}

// guessUTF16 tells the byte order of ASCII text in UTF-16: every other byte is zero.
func guessUTF16(sample []byte) (binary.ByteOrder, bool) {
	var zeros [2]int
	for i, c := range sample {
		if c == 0 {
			zeros[i%2]++
		}
	}
	most := len(sample) / 2 * 9 / 10
	switch {
	case len(sample) < 4:
	case zeros[1] >= most && zeros[0] == 0:
		return binary.LittleEndian, true
	case zeros[0] >= most && zeros[1] == 0:
		return binary.BigEndian, true
	}
	return nil, false
}

func decodeUTF16(b []byte, order binary.ByteOrder) string {
	out := make([]byte, 0, len(b)/2+len(b)/16)
	for ; len(b) >= 2; b = b[2:] {
		r := rune(order.Uint16(b))
		if utf16.IsSurrogate(r) {
			r = utf8.RuneError // no format depends on characters beyond the first plane
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}
