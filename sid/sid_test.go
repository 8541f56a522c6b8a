package sid_test

import (
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/sid"
)

const adSync sid.SID = "S-1-5-80-3245704983-3664226991-764670653-2504430226-901976451"

func TestParse(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"S-1-5-18", "S-1-5-18"},
		{"s-1-5-32-544", "S-1-5-32-544"},
		{"S-1-5", "S-1-5"},
		{"S-1-05-018", "S-1-5-18"},
		{"S-1-5-21-4294967295-0-1-500", "S-1-5-21-4294967295-0-1-500"},
		{"S-1-4294967296-1", "S-1-0x000100000000-1"},
		{"S-1-0X0000FFFFABCD-1", "S-1-4294945741-1"},
		{"S-1-0xFfFFFFFFFFFF-1", "S-1-0xffffffffffff-1"},
		{"S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15", "S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15"},
	} {
		got, err := sid.Parse(tt.in)
		if err != nil || string(got) != tt.want {
			t.Errorf("Parse(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
		again, err := sid.Parse(string(got))
		if err != nil || again != got {
			t.Errorf("Parse(%q) = %q, %v; want the canonical form to stay", got, again, err)
		}
	}
}

func TestParseRejects(t *testing.T) {
	for _, tt := range []struct{ in, problem string }{
		{"", "S-1-"},
		{"S-1-", "S-1-"},
		{"S-2-5-18", "S-1-"},
		{"*S-1-5-18", "S-1-"},
		{"ADSync", "S-1-"},
		{"S-1-5-", "subauthority 1: not a number"},
		{"S-1-5-18 ", "subauthority 1: not a number"},
		{"S-1-5--18", "subauthority 1: not a number"},
		{"S-1-5-+1", "subauthority 1: not a number"},
		{"S-1-x-18", "authority: not a number"},
		{"S-1-0x-18", "authority: not a number"},
		{"S-1-5-0x12", "subauthority 1: not a number"},
		{"S-1-5-21-4294967296", "subauthority 2: does not fit in 32 bits"},
		{"S-1-281474976710656-1", "authority: does not fit in 48 bits"},
		{"S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16", "more than 15"},
		{"S-1-5-" + strings.Repeat("0", 1000) + "1", "longer than any SID"},
	} {
		got, err := sid.Parse(tt.in)
		if err == nil || !strings.Contains(err.Error(), tt.problem) || got != "" {
			t.Errorf("Parse(%q) = %q, %v; want an error that says %q", tt.in, got, err, tt.problem)
		}
		if err != nil && len(err.Error()) > 250 {
			t.Errorf("Parse: an error of %d bytes for hostile text", len(err.Error()))
		}
	}
}

func TestFromBytes(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   string
		want sid.SID
	}{
		{"SYSTEM", "\x01\x01\x00\x00\x00\x00\x00\x05\x12\x00\x00\x00", "S-1-5-18"},
		{"Administrators", "\x01\x02\x00\x00\x00\x00\x00\x05\x20\x00\x00\x00\x20\x02\x00\x00", "S-1-5-32-544"},
		{"no subauthority", "\x01\x00\x00\x00\x00\x00\x00\x05", "S-1-5"},
		{"bytes after it", "\x01\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00rest", "S-1-1-0"},
		{"large authority", "\x01\x01\x01\x02\x03\x04\x05\x06\x07\x00\x00\x00", "S-1-0x010203040506-7"},
		{"largest number", "\x01\x01\x00\x00\x00\x00\x00\x05\xff\xff\xff\xff", "S-1-5-4294967295"},
	} {
		got, err := sid.FromBytes([]byte(tt.in))
		if err != nil || got != tt.want {
			t.Errorf("%s: FromBytes = %q, %v; want %q", tt.name, got, err, tt.want)
		}
		if n, ok := sid.Len([]byte(tt.in)); !ok || n != 8+4*int(tt.in[1]) {
			t.Errorf("%s: Len = %d, %t", tt.name, n, ok)
		}
	}
}

func TestFromBytesRejects(t *testing.T) {
	whole := "\x01\x02\x00\x00\x00\x00\x00\x05\x20\x00\x00\x00\x20\x02\x00\x00"
	bad := []string{
		"\x02" + whole[1:],                      // revision
		"\x01\x10" + strings.Repeat("\x00", 99), // 16 subauthorities
	}
	for n := range whole {
		bad = append(bad, whole[:n])
	}
	for _, in := range bad {
		if got, err := sid.FromBytes([]byte(in)); err == nil {
			t.Errorf("FromBytes(%q) = %q, want an error", in, got)
		}
		dst, ok := sid.AppendText([]byte("kept"), []byte(in))
		if ok || string(dst) != "kept" {
			t.Errorf("AppendText(%q) = %q, %t; want dst as it was", in, dst, ok)
		}
	}
}

func TestAppendTextDoesNotAllocate(t *testing.T) {
	b := []byte("\x01\x02\x00\x00\x00\x00\x00\x05\x20\x00\x00\x00\x20\x02\x00\x00")
	dst := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() { sid.AppendText(dst, b) }); n != 0 {
		t.Errorf("AppendText allocates %v times", n)
	}
}

func TestDomainAndRID(t *testing.T) {
	for _, tt := range []struct {
		in, domain sid.SID
		rid        uint32
		ok         bool
	}{
		{"S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3", 500, true},
		{"S-1-5-21-1-2-3", "", 0, false},
		{"S-1-5-21-1-2-3-4-5", "", 0, false},
		{"S-1-5-32-544", "", 0, false},
		{adSync, "", 0, false},
		{"", "", 0, false},
	} {
		domain, ok := tt.in.Domain()
		rid, ok2 := tt.in.RID()
		if domain != tt.domain || rid != tt.rid || ok != tt.ok || ok2 != tt.ok {
			t.Errorf("%q: Domain, RID = %q %t, %d %t; want %q, %d, %t", tt.in, domain, ok, rid, ok2, tt.domain, tt.rid, tt.ok)
		}
	}
}

// The vectors were read from security templates and reports of real computers, except that
// of ADSync, which is computed.
func TestDerivedSIDs(t *testing.T) {
	for _, tt := range []struct{ got, want sid.SID }{
		{sid.Service("ADSync"), adSync},
		{sid.Service("adsync"), adSync},
		{sid.Service("WdiServiceHost"), "S-1-5-80-3139157870-2983391045-3678747466-658725712-1809340420"},
		{sid.Service("autotimesvc"), "S-1-5-80-3169285310-278349998-1452333686-3865143136-4212226833"},
		{sid.Service("MSSQLSERVER"), "S-1-5-80-3880718306-3832830129-1677859214-2598158968-1052248003"},
		{sid.Service("SQLSERVERAGENT"), "S-1-5-80-344959196-2060754871-2302487193-2804545603-1466107430"},
		{sid.Service("SQLTELEMETRY"), "S-1-5-80-2652535364-2169709536-2857650723-2622804123-1107741775"},
		{sid.Service("MSSQLFDLauncher"), "S-1-5-80-3263513310-3392720605-1798839546-683002060-3227631582"},
		{sid.Service("TrustedInstaller"), "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"},
		{sid.AppPool("DefaultAppPool"), "S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestIsService(t *testing.T) {
	for s, want := range map[sid.SID]bool{
		adSync:                 true,
		sid.Service("x"):       true,
		"S-1-5-80-0":           false,
		sid.AppPool("x"):       false,
		"S-1-5-80-1-2-3-4-5-6": false,
		"":                     false,
	} {
		if got := s.IsService(); got != want {
			t.Errorf("%q.IsService() = %t", s, got)
		}
	}
}

func FuzzFromBytes(f *testing.F) {
	f.Add([]byte("\x01\x02\x00\x00\x00\x00\x00\x05\x20\x00\x00\x00\x20\x02\x00\x00"))
	f.Add([]byte("\x01\x0f\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := sid.FromBytes(b)
		n, ok := sid.Len(b)
		if ok != (err == nil) || n > len(b) && ok {
			t.Fatalf("Len = %d, %t but FromBytes = %q, %v", n, ok, s, err)
		}
		if err != nil {
			return
		}
		if again, err := sid.Parse(string(s)); err != nil || again != s {
			t.Errorf("Parse(%q) = %q, %v", s, again, err)
		}
	})
}
