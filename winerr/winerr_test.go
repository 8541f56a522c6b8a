package winerr_test

import (
	"testing"

	"github.com/gpevtx/gpevtx/winerr"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want winerr.Code
		ok   bool
	}{
		{"%%1069", 1069, true},
		{"1069", 1069, true},
		{" %%1326 ", 1326, true},
		{"0x534", 1332, true},
		{"0X8007000E", 0x8007000E, true},
		{"%%2147942414", 0x8007000E, true},
		{"2147942414", 0x8007000E, true},
		{"-2147024882", 0x8007000E, true},
		{"%%-2147024882", 0x8007000E, true},
		{"-2145188790", 0x8023044A, true},
		{"0", 0, true},
		{"4294967295", 0xFFFFFFFF, true},
		{"-2147483648", 0x80000000, true},

		{"", 0, false},
		{"%%", 0, false},
		{"%1069", 0, false},
		{"%%%%1069", 0, false},
		{"0x", 0, false},
		{"0x123456789", 0, false},
		{"4294967296", 0, false},
		{"-2147483649", 0, false},
		{"-21451857952", 0, false}, // a number with a digit too many that a manual prints
		{"+5", 0, false},
		{"--5", 0, false},
		{"1_000", 0, false},
		{"0x1_0", 0, false},
		{"1069 (0x42d)", 0, false},
		{"Access is denied.", 0, false},
	} {
		got, ok := winerr.Parse(tt.in)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("Parse(%q) = %v, %t; want %v, %t", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestCodeWin32(t *testing.T) {
	for _, tt := range []struct {
		in, want winerr.Code
		ok       bool
	}{
		{1326, 1326, true},
		{0, 0, true},
		{0x8007000E, 14, true},
		{0x80070534, 1332, true},
		{0x8023044A, 0, false},
		{0x80004005, 0, false},
		{0xC0070005, 0, false},
		{0x90070005, 0, false},
	} {
		if got, ok := tt.in.Win32(); got != tt.want || ok != tt.ok {
			t.Errorf("%v.Win32() = %v, %t; want %v, %t", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestString(t *testing.T) {
	for want, got := range map[string]string{
		"1326":       winerr.Code(1326).String(),
		"0x8007000e": winerr.Code(0x8007000E).String(),
		"0xc000006d": winerr.NTStatus(0xC000006D).String(),
		"0x00000000": winerr.NTStatus(0).String(),
	} {
		if got != want {
			t.Errorf("String = %q, want %q", got, want)
		}
	}
}

func TestCodeInfo(t *testing.T) {
	for _, tt := range []struct {
		code   winerr.Code
		symbol string
		class  winerr.Class
	}{
		{1069, "ERROR_SERVICE_LOGON_FAILED", winerr.Logon},
		{1385, "ERROR_LOGON_TYPE_NOT_GRANTED", winerr.LogonRight},
		{1326, "ERROR_LOGON_FAILURE", winerr.Password},
		{1331, "ERROR_ACCOUNT_DISABLED", winerr.AccountState},
		{1311, "ERROR_NO_LOGON_SERVERS", winerr.Domain},
		{1789, "ERROR_TRUSTED_RELATIONSHIP_FAILURE", winerr.Trust},
		{1398, "ERROR_TIME_SKEW", winerr.Kerberos},
		{1068, "ERROR_SERVICE_DEPENDENCY_FAIL", winerr.Dependency},
		{1058, "ERROR_SERVICE_DISABLED", winerr.ServiceConfig},
		{1053, "ERROR_SERVICE_REQUEST_TIMEOUT", winerr.Timeout},
		{1067, "ERROR_PROCESS_ABORTED", winerr.Crash},
		{8453, "ERROR_DS_DRA_ACCESS_DENIED", winerr.Access},
		{0x8007000E, "ERROR_OUTOFMEMORY", winerr.Resources},
		{0x80070005, "ERROR_ACCESS_DENIED", winerr.Access},
		{0x80004005, "E_FAIL", winerr.Unclassified},
		{0x8023044A, "", winerr.Database},
		{0x80230001, "", winerr.SyncEngine},
		{0xC000006D, "STATUS_LOGON_FAILURE", winerr.Password}, // a status among HRESULTs
		{0xD000006D, "STATUS_LOGON_FAILURE", winerr.Password}, // the same as HRESULT_FROM_NT makes it
	} {
		info := tt.code.Info()
		if info.Symbol != tt.symbol || info.Class != tt.class || info.Meaning == "" {
			t.Errorf("%v.Info() = %+v, want %s, %s and a meaning", tt.code, info, tt.symbol, tt.class)
		}
	}
	if got := winerr.Code(17).Info(); got.Symbol != "ERROR_NOT_SAME_DEVICE" || got.Meaning != "" || got.Class != winerr.Unclassified {
		t.Errorf("a code with a symbol only: %+v", got)
	}
	for _, unknown := range []winerr.Code{65000, 0x8007FDE8, 0x80040999, 0xC0FFFFFF} {
		if got := unknown.Info(); got != (winerr.Info{}) {
			t.Errorf("%v.Info() = %+v, want nothing", unknown, got)
		}
	}
}

// The codes that the events of a refused or failing service carry must all say something.
func TestCodesOfServiceEventsHaveMeanings(t *testing.T) {
	codes := []winerr.Code{
		2, 3, 5, 14, 53, 64, 87, 126, 193, 1053, 1056, 1057, 1058, 1064, 1066, 1067, 1068, 1069, 1070, 1075, 1079, 1208, 1297,
		1311, 1314, 1326, 1327, 1328, 1329, 1330, 1331, 1332, 1355, 1380, 1385, 1396, 1397, 1398, 1450, 1455, 1722, 1726, 1753,
		1783, 1786, 1787, 1788, 1789, 1792, 1793, 1907, 1908, 1909, 1935, 8333, 8439, 8453, 8456, 8593,
	}
	for _, c := range codes {
		if info := c.Info(); info.Meaning == "" || info.Symbol == "" {
			t.Errorf("%v has no meaning or symbol: %+v", c, info)
		}
	}
}

func TestNTStatus(t *testing.T) {
	for _, tt := range []struct {
		in     string
		symbol string
		class  winerr.Class
	}{
		{"0xc000006d", "STATUS_LOGON_FAILURE", winerr.Password},
		{"0xC000006A", "STATUS_WRONG_PASSWORD", winerr.Password},
		{"0xC0000064", "STATUS_NO_SUCH_USER", winerr.AccountName},
		{"0xC000005E", "STATUS_NO_LOGON_SERVERS", winerr.Domain},
		{"0xC000006E", "STATUS_ACCOUNT_RESTRICTION", winerr.AccountState},
		{"0xC000006F", "STATUS_INVALID_LOGON_HOURS", winerr.AccountState},
		{"0xC0000070", "STATUS_INVALID_WORKSTATION", winerr.AccountState},
		{"0xC0000071", "STATUS_PASSWORD_EXPIRED", winerr.Password},
		{"0xC0000072", "STATUS_ACCOUNT_DISABLED", winerr.AccountState},
		{"0xC00000DC", "STATUS_INVALID_SERVER_STATE", winerr.Domain},
		{"0xC0000133", "STATUS_TIME_DIFFERENCE_AT_DC", winerr.Kerberos},
		{"0xC000015B", "STATUS_LOGON_TYPE_NOT_GRANTED", winerr.LogonRight},
		{"-1073741477", "STATUS_LOGON_TYPE_NOT_GRANTED", winerr.LogonRight},
		{"3221225819", "STATUS_LOGON_TYPE_NOT_GRANTED", winerr.LogonRight},
		{"0xC000018C", "STATUS_TRUSTED_DOMAIN_FAILURE", winerr.Trust},
		{"0xC0000192", "STATUS_NETLOGON_NOT_STARTED", winerr.Domain},
		{"0xC0000193", "STATUS_ACCOUNT_EXPIRED", winerr.AccountState},
		{"0xC0000224", "STATUS_PASSWORD_MUST_CHANGE", winerr.Password},
		{"0xC0000225", "STATUS_NOT_FOUND", winerr.Unclassified},
		{"0xC0000234", "STATUS_ACCOUNT_LOCKED_OUT", winerr.AccountState},
		{"0xC00002EE", "STATUS_UNFINISHED_CONTEXT_DELETED", winerr.Logon},
		{"0xC0000413", "STATUS_AUTHENTICATION_FIREWALL_FAILED", winerr.AccountState},
		{"0x0", "STATUS_SUCCESS", winerr.Unclassified},
	} {
		s, ok := winerr.ParseNTStatus(tt.in)
		info := s.Info()
		if !ok || info.Symbol != tt.symbol || info.Class != tt.class || info.Meaning == "" {
			t.Errorf("ParseNTStatus(%q) = %v, %t: %+v; want %s, %s and a meaning", tt.in, s, ok, info, tt.symbol, tt.class)
		}
	}
	if _, ok := winerr.ParseNTStatus("-"); ok {
		t.Error(`ParseNTStatus("-") accepts what event 4625 writes for nothing`)
	}
	if got := winerr.NTStatus(1326).Info(); got != (winerr.Info{}) {
		t.Errorf("a Win32 number is no status: %+v", got)
	}
}

func TestFailureReason(t *testing.T) {
	for _, tt := range []struct {
		in       string
		class    winerr.Class
		verified bool
	}{
		{"%%2304", winerr.Logon, true},
		{"%%2307", winerr.AccountState, true},
		{"%%2308", winerr.LogonRight, false},
		{"%%2309", winerr.Password, true},
		{"%%2310", winerr.AccountState, true},
		{" %%2313 ", winerr.Password, true},
	} {
		r, ok := winerr.ParseFailureReason(tt.in)
		info := r.Info()
		if !ok || info.Class != tt.class || info.Verified != tt.verified || info.Meaning == "" {
			t.Errorf("ParseFailureReason(%q) = %d, %t: %+v", tt.in, r, ok, info)
		}
	}
	for _, in := range []string{"", "-", "2313", "%%", "%%x", "%%-1", "%%4294967296"} {
		if r, ok := winerr.ParseFailureReason(in); ok {
			t.Errorf("ParseFailureReason(%q) = %d, want none", in, r)
		}
	}
	if got := winerr.FailureReason(1326).Info(); got != (winerr.ReasonInfo{}) {
		t.Errorf("a Win32 number is no reason: %+v", got)
	}
}

func TestClassString(t *testing.T) {
	seen := make(map[string]bool)
	for c := winerr.Unclassified; c <= winerr.Logon; c++ {
		if s := c.String(); s == "" || seen[s] {
			t.Errorf("class %d is called %q", c, s)
		} else {
			seen[s] = true
		}
	}
	if got := winerr.Class(200).String(); got != "unclassified" {
		t.Errorf("a class that does not exist is called %q", got)
	}
}
