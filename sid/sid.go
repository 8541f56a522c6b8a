// Package sid knows Windows security identifiers and the names that stand for them.
//
// Windows decides who may log on by SID; policies, reports and event logs mostly show
// names. The same account appears as CONTOSO\svc-sync, svc-sync@contoso.com, .\svc-sync,
// *S-1-5-21-… or, for the groups that come with Windows, under a name in the language of
// the computer and with or without the authority that it belongs to. This package answers
// three questions about such text without ever asking a computer:
//
//   - Which SID is it? [Parse] and [FromBytes] read SIDs, [Lookup] resolves the names of
//     well-known principals in many languages, [Service] and [AppPool] compute the SIDs of
//     virtual accounts, which Windows derives from their names. [ParsePrincipal] does
//     whichever applies.
//   - Which name is it? [Name] has the English name of a well-known SID, [RIDName] that of
//     the predefined accounts of every domain, [ServiceName] recovers the service behind a
//     service SID when it is one of those that matter.
//   - Are two principals one account? [Compare] says [Same], [Different] or [Unknown].
//
// All three err on the side of silence: a wrong SID would accuse the wrong account, so text
// that Windows itself could not resolve, or could resolve in more than one way, gets none.
// A bare ADSync, say, is not NT SERVICE\ADSync: Windows does not find a virtual account by
// its bare name, and a policy that lists it so is broken.
//
// All functions are safe for concurrent use.
package sid

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/gpevtx/gpevtx/internal/digits"
)

// SID is a security identifier in its text form, such as "S-1-5-18". SIDs made by this
// package are canonical, so that == compares them: "S-1-", the authority in decimal (in
// hexadecimal from 2^32 up, as Windows prints it) and the subauthorities in decimal. The
// zero value is no SID.
type SID string

// maxSubAuthorities is SID_MAX_SUB_AUTHORITIES of winnt.h.
const maxSubAuthorities = 15

// headerLen is the length of a binary SID without subauthorities: revision, count and
// authority.
const headerLen = 8

// maxTextLen bounds the text of a SID: each number has at most 14 characters, and leading
// zeros are tolerated within that.
const maxTextLen = len("S-1-") + (maxSubAuthorities+1)*15

// Parse reads a SID from text such as "S-1-5-21-1-2-3-500" or "s-1-0x010000000000-5" and
// returns its canonical form. Nothing may stand around it: use [ParsePrincipal] for text
// with blanks or the asterisk of security templates.
func Parse(s string) (SID, error) {
	if !looksLikeSID(s) {
		return "", parseError(s, `want text that begins with "S-1-"`)
	}
	if len(s) > maxTextLen {
		return "", parseError(s, "longer than any SID")
	}
	rest := s[len("S-1-"):]
	part, rest, more := strings.Cut(rest, "-")
	authority, err := parseAuthority(part)
	if err != nil {
		return "", parseError(s, "authority: "+err.Error())
	}
	out := appendAuthority(make([]byte, 0, len(s)), authority)
	for n := 1; more; n++ {
		if n > maxSubAuthorities {
			return "", parseError(s, "more than 15 subauthorities")
		}
		part, rest, more = strings.Cut(rest, "-")
		v, err := parseNumber(part, 10, 32)
		if err != nil {
			return "", parseError(s, fmt.Sprintf("subauthority %d: %v", n, err))
		}
		out = strconv.AppendUint(append(out, '-'), v, 10)
	}
	return SID(out), nil
}

// looksLikeSID reports whether s can only be meant as a SID.
func looksLikeSID(s string) bool {
	return len(s) > 4 && (s[0] == 'S' || s[0] == 's') && s[1:4] == "-1-"
}

func parseAuthority(s string) (uint64, error) {
	if hex, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		return parseNumber(hex, 16, 48)
	}
	return parseNumber(s, 10, 48)
}

func parseNumber(s string, base, bits int) (uint64, error) {
	v, err := strconv.ParseUint(s, base, bits)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("does not fit in %d bits", bits)
	case err != nil:
		return 0, errors.New("not a number")
	}
	return v, nil
}

func parseError(s, problem string) error {
	const limit = 80
	if len(s) > limit {
		s = s[:limit] + "…"
	}
	return fmt.Errorf("sid: %q is not a SID: %s", s, problem)
}

func appendAuthority(dst []byte, authority uint64) []byte {
	dst = append(dst, "S-1-"...)
	if authority < 1<<32 {
		return digits.AppendUint(dst, authority)
	}
	// Four digits of the upper 16 bits, eight of the others.
	le := binary.LittleEndian
	dst = append(dst, '0', 'x')
	dst = le.AppendUint32(dst, uint32(digits.Hex(bits.ReverseBytes32(uint32(authority>>32))>>16, digits.Lower)))
	return le.AppendUint64(dst, digits.Hex(bits.ReverseBytes32(uint32(authority)), digits.Lower))
}

// Len returns the length in bytes of the binary SID at the start of b. It reports false
// when b does not begin with a whole SID of revision 1.
//
// The form is that of MS-DTYP 2.4.2.2: revision, count of subauthorities, the authority as
// six bytes with the highest first, then each subauthority as four bytes with the lowest
// first.
func Len(b []byte) (int, bool) {
	if len(b) < headerLen || b[0] != 1 || b[1] > maxSubAuthorities {
		return 0, false
	}
	n := headerLen + 4*int(b[1])
	return n, n <= len(b)
}

// AppendText appends the text of the binary SID at the start of b to dst; bytes after the
// SID are ignored. When b does not begin with a SID it returns dst as it was and false. It
// allocates only to grow dst.
func AppendText(dst, b []byte) ([]byte, bool) {
	n, ok := Len(b)
	if !ok {
		return dst, false
	}
	authority := uint64(binary.BigEndian.Uint16(b[2:]))<<32 | uint64(binary.BigEndian.Uint32(b[4:]))
	dst = appendAuthority(dst, authority)
	for b = b[headerLen:n]; len(b) > 0; b = b[4:] {
		dst = append(dst, '-')
		dst = digits.AppendUint(dst, uint64(binary.LittleEndian.Uint32(b)))
	}
	return dst, true
}

// FromBytes returns the binary SID at the start of b; bytes after it are ignored.
func FromBytes(b []byte) (SID, error) {
	text, ok := AppendText(nil, b)
	if !ok {
		return "", fmt.Errorf("sid: %d bytes do not hold a SID: want revision 1, at most %d subauthorities and all of their bytes",
			len(b), maxSubAuthorities)
	}
	return SID(text), nil
}

// accountDomain is the prefix of the SIDs that belong to a domain or to the accounts of one
// computer; three numbers that identify the domain follow.
const accountDomain = "S-1-5-21-"

// Domain returns the domain part of the SID of an account or group of a domain (or of one
// computer): S-1-5-21-1-2-3 for S-1-5-21-1-2-3-500. It reports false for any other SID,
// that of a domain itself included.
func (s SID) Domain() (SID, bool) {
	if !strings.HasPrefix(string(s), accountDomain) || strings.Count(string(s), "-") != 7 {
		return "", false
	}
	return s[:strings.LastIndexByte(string(s), '-')], true
}

// RID returns the last number of the SID of an account or group of a domain or computer,
// which tells it from the others there. It reports false for any other SID.
func (s SID) RID() (uint32, bool) {
	domain, ok := s.Domain()
	if !ok {
		return 0, false
	}
	rid, err := strconv.ParseUint(string(s[len(domain)+1:]), 10, 32)
	return uint32(rid), err == nil
}

// IsService reports whether s is the SID of one service, NT SERVICE\x. The group of all of
// them, NT SERVICE\ALL SERVICES, is not one.
func (s SID) IsService() bool { return s.isDerived(serviceAuthority) }

// isDerived reports whether s is prefix with five numbers after it.
func (s SID) isDerived(prefix string) bool {
	return strings.HasPrefix(string(s), prefix) && strings.Count(string(s[len(prefix):]), "-") == 4
}
