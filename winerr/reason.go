package winerr

import (
	"strconv"
	"strings"
)

// FailureReason is the number of the text by which event 4625 explains a refused logon. Its
// text is in the audit messages of Windows (msobjs.dll), not in the system message table: as
// a [Code] the same number would be something else.
type FailureReason uint32

// ReasonInfo tells about a FailureReason. The zero value says that nothing is known.
type ReasonInfo struct {
	// Meaning says in a sentence why the logon was refused.
	Meaning string
	Class   Class
	// Verified is set when the number was seen together with a status of the same meaning,
	// in real logs or in Microsoft's documentation. The others rest on general knowledge
	// and should not decide anything alone.
	Verified bool
}

var reasonInfo = map[FailureReason]ReasonInfo{
	2304: {"The logon met an error; the status tells which.", Logon, true},
	2305: {"The account's expiry date has passed.", AccountState, false},
	2306: {"The Net Logon service was not running.", Domain, false},
	2307: {"The account is locked after too many wrong passwords.", AccountState, true},
	2308: {"The account may not log on to this computer in the requested way: the user right is missing or denied.", LogonRight, false},
	2309: {"The account's password has expired or must be changed.", Password, true},
	2310: {"The account is disabled.", AccountState, true},
	2311: {"The account may not log on at this time of day.", AccountState, false},
	2312: {"The account may not log on at this computer.", AccountState, false},
	2313: {"The account name or the password is wrong.", Password, true},
}

// ParseFailureReason reads the FailureReason of event 4625, such as %%2313.
func ParseFailureReason(s string) (FailureReason, bool) {
	digits, ok := strings.CutPrefix(strings.TrimSpace(s), "%%")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return FailureReason(n), err == nil
}

// Info tells about r.
func (r FailureReason) Info() ReasonInfo { return reasonInfo[r] }
