package message

import (
	"github.com/gpevtx/gpevtx/sid"
	"github.com/gpevtx/gpevtx/winerr"
)

// formatted returns the text of a datum with what it stands for, in one of the formats that
// are ours. It reports false for others, and for text about which nothing is known.
func formatted(text, format string) (string, bool) {
	switch format {
	case "win32":
		if code, ok := winerr.Parse(text); ok {
			return explain(code.String(), code.Info())
		}
	case "ntstatus":
		if status, ok := winerr.ParseNTStatus(text); ok {
			return explain(status.String(), status.Info())
		}
	case "logontype":
		if name, ok := logonTypes[text]; ok {
			return text + " (" + name + ")", true
		}
	case "sid":
		if s, err := sid.Parse(text); err == nil {
			if name := sid.Name(s); name != "" {
				return text + " (" + name + ")", true
			}
		}
	}
	return "", false
}

// logonTypes are the values of SECURITY_LOGON_TYPE (ntsecapi.h); events of the start of the
// computer have 0.
var logonTypes = map[string]string{
	"0": "system", "2": "interactive", "3": "network", "4": "batch", "5": "service", "7": "unlock",
	"8": "network, password in clear text", "9": "new credentials", "10": "remote interactive",
	"11": "cached interactive", "12": "cached remote interactive", "13": "cached unlock",
}
