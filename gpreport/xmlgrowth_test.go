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

// TestXMLGrowth: what is allocated to read XML, and what is held of it, grows as the file does,
// whatever the file is made of; beyond a bound that the limit on nodes sets.
func TestXMLGrowth(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	const (
		size = 4 << 20
		most = 100 // bytes allocated for one of the file, nearly all by the decoder
		held = 5   // bytes held for one of the file
		base = 40 << 20
	)
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	numbered := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	nest := func(inner string) string {
		name := strings.Repeat("n", 1000)
		return strings.Repeat("<q:"+name+">", 60) + inner + strings.Repeat("</q:"+name+">", 60)
	}
	result := func(settings string) string {
		c := sync01XML()
		c.settings = settings
		return rsop{computer: c.String()}.String()
	}
	security := func(s string) string { return result(blockXML("Security", "SecuritySettings", s)) }
	for name, text := range map[string]string{
		"small elements":              security(fill("<q:a/>")),
		"elements of all names":       security(numbered("<q:a%d/>")),
		"an element of small ones":    security("<q:x>" + fill("<q:a/>") + "</q:x>"),
		"a nest of long names":        security(nest(fill("<q:a/>"))),
		"a nest around many names":    security(nest(numbered("<q:a%d/>"))),
		"attributes":                  security("<q:a " + numbered(`b%d="" `) + "/>"),
		"elements with attributes":    security(fill(`<q:a b="" c="" d=""/>`)),
		"many that lose":              security(fill("<q:Account>" + origin(guidA, "2") + leaf("q:Name", "n") + "</q:Account>")),
		"many that lose to one":       security("<q:Account>" + origin(guidB, "1") + leaf("q:Name", "n") + "</q:Account>" + fill("<q:Account>"+origin(guidA, "2")+leaf("q:Name", "n")+"</q:Account>")),
		"many rights":                 security(numbered("<q:UserRightsAssignment><q:Name>SeX%dRight</q:Name></q:UserRightsAssignment>")),
		"one right, often":            security(fill("<q:UserRightsAssignment><q:Name>SeXRight</q:Name></q:UserRightsAssignment>")),
		"one member, often":           security("<q:UserRightsAssignment><q:Name>SeXRight</q:Name>" + fill("<q:Member>"+typed("Name", "a")+"</q:Member>") + "</q:UserRightsAssignment>"),
		"categories":                  result(blockXML("Registry", "RegistrySettings", numbered("<q:Policy><q:Name>n</q:Name><q:Category>%d</q:Category></q:Policy>"))),
		"options":                     result(blockXML("Registry", "RegistrySettings", "<q:Policy><q:Name>n</q:Name>"+fill("<q:EditText><q:Name>a</q:Name><q:Value>b</q:Value></q:EditText>")+"</q:Policy>")),
		"one option with a long name": result(blockXML("Registry", "RegistrySettings", "<q:Policy><q:ListBox><q:Name>"+strings.Repeat("n", size/2)+"</q:Name><q:Value>"+strings.Repeat("<q:Element><q:Name>a</q:Name><q:Data>b</q:Data></q:Element>", 1<<15)+"</q:Value></q:ListBox></q:Policy>")),
		"folders in folders":          result(blockXML("Lugs", "LugsSettings", strings.Repeat(`<q:Collection name="`+strings.Repeat("n", 1000)+`">`, 60)+fill("<q:Item><q:Properties/></q:Item>")+strings.Repeat("</q:Collection>", 60))),
		"blocks":                      result(fill(blockXML("New", "New", ""))),
		"GPOs":                        rsop{computer: fill("<GPO/>")}.String(),
		"places":                      rsop{computer: fill("<SearchedSOM/>")}.String(),
		"runs":                        rsop{computer: "<EventsDetails>" + fill("<SinglePassEventsDetails/>") + "</EventsDetails>"}.String(),
		"events":                      rsop{computer: "<EventsDetails>" + runXML(fill("<EventRecord><EventXml>x</EventXml></EventRecord>")) + "</EventsDetails>"}.String(),
		"events of small elements":    rsop{computer: "<EventsDetails>" + runXML(fill(eventXML("<Event><EventData>"+strings.Repeat("<a/>", 1000)+"</EventData></Event>", "x"))) + "</EventsDetails>"}.String(),
		"events with long names":      rsop{computer: "<EventsDetails>" + runXML(fill(eventXML("<Event><EventData><Data Name='"+strings.Repeat("n", 1000)+"'>"+strings.Repeat("<a/>", 100)+"</Data></EventData></Event>", "x"))) + "</EventsDetails>"}.String(),
		"reports":                     fill(`<GPO xmlns="http://www.microsoft.com/GroupPolicy/Settings"/>`),
		"links":                       gpoXML{tail: fill("<LinksTo/>")}.String(),
		"trustees":                    gpoXML{extra: "<SecurityDescriptor><Permissions>" + fill("<TrusteePermissions><Trustee/></TrusteePermissions>") + "</Permissions></SecurityDescriptor>"}.String(),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after, kept runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			reports, err := parseAll([]byte(text))
			runtime.ReadMemStats(&after)
			runtime.GC()
			runtime.ReadMemStats(&kept)
			if err != nil && !errors.Is(err, gpreport.ErrLimit) || len(reports) == 0 {
				t.Fatalf("%d reports, error %v", len(reports), err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > uint64(base+most*len(text)) {
				t.Errorf("%d bytes for each of the file are allocated", n/uint64(len(text)))
			}
			n := max(int64(kept.HeapAlloc)-int64(before.HeapAlloc), 0)
			if n > int64(base+held*len(text)) {
				t.Errorf("%d bytes for each of the file are held", n/int64(len(text)))
			}
			fmt.Fprintln(t.Output(), (after.TotalAlloc-before.TotalAlloc)/uint64(len(text)), n/int64(len(text)), err != nil)
			runtime.KeepAlive(reports)
		})
	}
}

// TestXMLLimitedReading: where a limit ends the reading, what was read is kept, and it is said.
func TestXMLLimitedReading(t *testing.T) {
	c := sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named("a")...))
	c.settings += blockXML("New", "New", strings.Repeat("<q:a/>", 5000))
	text := rsop{computer: c.String()}.String()
	r, err := gpreport.Parse(t.Context(), strings.NewReader(text), int64(len(text)), gpreport.Config{MaxNodes: 4000})
	if !errors.Is(err, gpreport.ErrLimit) || errors.Is(err, io.ErrUnexpectedEOF) || !r.Incomplete || !r.Computer.Incomplete {
		t.Fatalf("error %v", err)
	}
	if a, ok := r.Computer.Right("SeServiceLogonRight"); !ok || len(a.Principals) != 1 {
		t.Errorf("the right is gone: %+v", r.Computer.Rights)
	}
}

// bigResult is a result of about size bytes in UTF-16, most of it policies with their help
// texts, as in real ones.
func bigResult(size int) []byte {
	explain := strings.Repeat("This policy setting determines what the policy setting determines. ", 10)
	var policies strings.Builder
	for i := 0; policies.Len() < size/2; i++ {
		policies.WriteString(elem("Policy", origin(guidB, "1"), leaf("q:Name", fmt.Sprint("Policy ", i)), leaf("q:State", "Enabled"), leaf("q:Explain", explain),
			leaf("q:Supported", "At least Windows Vista"), leaf("q:Category", "Windows Components"), elem("Numeric", leaf("q:Name", "Size"), leaf("q:State", "Enabled"), leaf("q:Value", "4"))))
	}
	c := sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named("a")...))
	c.settings += blockXML("Registry", "RegistrySettings", policies.String())
	return utf16LE(rsop{computer: c.String()}.String())
}

// BenchmarkXMLSize shows time against size: as many MB/s for 64 MB as for 100 KB.
func BenchmarkXMLSize(b *testing.B) {
	for _, size := range []int{100 << 10, 1 << 20, 8 << 20, 63 << 20} {
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			data := bigResult(size)
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
