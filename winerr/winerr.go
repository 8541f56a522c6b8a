// Package winerr knows the error codes that Windows writes into event logs: what they are
// called, what they mean to somebody who looks for the cause, and which class of cause they
// point at.
//
// One number means different things in different numberings, so each has a type of its own:
//
//   - [Code] is a number of the system message table: a Win32 error such as 1326, or an
//     HRESULT such as 0x8007000E. The Service Control Manager, Group Policy and the security
//     configuration engine report these, often as a reference into that table (%%1326) that
//     only the computer which displays the event resolves.
//   - [NTStatus] is a status of the kernel and of the security subsystem, such as
//     0xC000006D, the Status and SubStatus of a refused logon (event 4625).
//   - A [FailureReason] is the number of a text of the audit messages. The reference looks
//     like that of a Code (%%2313) but goes into another table.
//
// [Parse], [ParseNTStatus] and [ParseFailureReason] read them as they stand in logs; Info
// tells about them:
//
//	code, ok := winerr.Parse("%%1385")
//	info := code.Info() // ERROR_LOGON_TYPE_NOT_GRANTED, LogonRight
//
// The symbols are those of Microsoft's headers; the meanings are this package's own words.
// All functions are safe for concurrent use.
package winerr

import (
	"fmt"
	"strconv"
	"strings"
)

// Code is a number of the system message table: a Win32 error, or an HRESULT when its
// highest bit is set. Zero is success.
type Code uint32

// NTStatus is a status code of the kernel and the security subsystem. Zero is success.
type NTStatus uint32

// Info tells about a code. The zero value says that nothing is known.
type Info struct {
	// Symbol is the name in Microsoft's headers, such as ERROR_SERVICE_LOGON_FAILED;
	// empty when the code is not known.
	Symbol string
	// Meaning says in a sentence what the code tells a person who looks for the cause;
	// empty for codes that are not described here.
	Meaning string
	// Class is the kind of cause that the code points at.
	Class Class
}

// Parse reads a Code as logs write it: %%1069, 1069, 0x8007000E, or an HRESULT in decimal
// with or without sign, as in %%2147942414 and -2147024882. Blanks around it are dropped.
func Parse(s string) (Code, bool) {
	n, ok := parse(strings.TrimPrefix(strings.TrimSpace(s), "%%"))
	return Code(n), ok
}

// ParseNTStatus reads an NTStatus as logs write it: 0xc000006d, or in decimal with or
// without sign.
func ParseNTStatus(s string) (NTStatus, bool) {
	n, ok := parse(strings.TrimSpace(s))
	return NTStatus(n), ok
}

// parse reads 32 bits: hexadecimal after 0x, unsigned decimal, or negative decimal in two's
// complement.
func parse(s string) (uint32, bool) {
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		n, err := strconv.ParseUint(s[2:], 16, 32)
		return uint32(n), err == nil
	}
	if strings.HasPrefix(s, "-") {
		n, err := strconv.ParseInt(s, 10, 32)
		return uint32(n), err == nil
	}
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil
}

// The parts of an HRESULT, from MS-ERREF 2.1.
const (
	failureBit   = 1 << 31
	ntBit        = 1 << 28
	facilityMask = 0x7FF0000

	facilityWin32         = 7 << 16
	facilityMetadirectory = 0x23 << 16 // the synchronization engine
)

// Win32 returns the Win32 error that c is or, as an HRESULT 0x8007xxxx, carries. It reports
// false for any other HRESULT.
func (c Code) Win32() (Code, bool) {
	switch {
	case c&failureBit == 0:
		return c, true
	case c&^0xFFFF == failureBit|facilityWin32:
		return c & 0xFFFF, true
	}
	return 0, false
}

// String returns a Win32 error in decimal and an HRESULT in hexadecimal, as Windows shows
// them.
func (c Code) String() string {
	if c&failureBit == 0 {
		return strconv.FormatUint(uint64(c), 10)
	}
	return fmt.Sprintf("0x%08x", uint32(c))
}

// Info tells about c. An HRESULT that carries a Win32 error is described as that error, and
// one that carries an NTStatus as that status.
func (c Code) Info() Info {
	if win32, ok := c.Win32(); ok {
		info := win32Info[win32]
		info.Symbol = symbols()[win32]
		return info
	}
	if info, ok := hresultInfo[c]; ok {
		return info
	}
	switch {
	case c&(facilityMask|failureBit) == failureBit|facilityMetadirectory:
		return Info{
			Meaning: "An error of the synchronization engine whose number Microsoft does not explain; the engine's own events of the same second say more.",
			Class:   SyncEngine,
		}
	case c>>30 == 3:
		return NTStatus(c &^ ntBit).Info()
	}
	return Info{}
}

// String returns the status in hexadecimal.
func (s NTStatus) String() string { return fmt.Sprintf("0x%08x", uint32(s)) }

// Info tells about s.
func (s NTStatus) Info() Info { return ntstatusInfo[s] }
