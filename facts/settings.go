package facts

import (
	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
)

// Settings are settings of the computer that registry exports show, as they were when the
// export was made, at a time that it does not tell.
type Settings struct {
	// TLS12 is what the registry says of TLS 1.2 for connections that the computer opens.
	TLS12 TLSSetting
	// Evidence are the values that TLS12 rests on.
	Evidence []evidence.Item
	Reasons  []Reason
}

// TLSSetting is what the registry says of TLS 1.2.
type TLSSetting string

// The values of TLSSetting.
const (
	// TLSUnknown, the zero value: no export has the keys, or exports disagree.
	TLSUnknown TLSSetting = ""
	// TLSOff: Windows is told not to use it at all.
	TLSOff TLSSetting = "off"
	// TLSLimited: Windows is told not to use it unless a program asks for it, or .NET is told
	// to use older versions.
	TLSLimited TLSSetting = "limited"
	// TLSUnset: nothing turns it off, and not all that Microsoft asks for is set, so that
	// versions of Windows and .NET decide.
	TLSUnset TLSSetting = "unset"
	// TLSOn: all is set as Microsoft asks for.
	TLSOn TLSSetting = "on"
)

const askTLS = `reg.exe export "HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL" schannel.reg /y`

// newSettings joins the registry exports of a host: one may hold HKLM\SYSTEM, another
// HKLM\SOFTWARE.
func newSettings(files []*collected.File, h *Host) Settings {
	var v tlsValues
	for _, f := range files {
		if r := f.Registry; r != nil {
			v.add(&v.enabled, r.TLS12Enabled)
			v.add(&v.disabledByDefault, r.TLS12DisabledByDefault)
			v.add(&v.strong, r.DotNet.StrongCrypto)
			v.add(&v.system, r.DotNet.SystemDefaultVersions)
			v.add(&v.strong32, r.DotNet32.StrongCrypto)
			v.add(&v.system32, r.DotNet32.SystemDefaultVersions)
			v.dotNet = v.dotNet || r.DotNet.Key.Known()
		}
	}
	s := v.judge()
	if s.TLS12 == TLSUnknown {
		s.Reasons = []Reason{{
			Code: "tls-settings-unknown", Input: h.Name, Ask: askTLS,
			Message: "No registry export shows whether TLS 1.2 is turned off on the computer.",
		}}
		if v.differ {
			s.Reasons[0].Message = "Registry exports of the computer disagree on TLS 1.2, and do not tell which is the newer one."
		}
	}
	return s
}

// tlsValues are the values that Microsoft asks for: both of Windows, and two for each .NET.
type tlsValues struct {
	enabled, disabledByDefault         collected.Number
	strong, system, strong32, system32 collected.Number
	dotNet, differ                     bool
}

// add takes a value; nonzero values mean the same.
func (v *tlsValues) add(to *collected.Number, n collected.Number) {
	switch {
	case !n.Known():
	case to.Known() && (to.N != 0) != (n.N != 0):
		v.differ = true
	case !to.Known():
		*to = n
	}
}

// judge tells what the values mean for a program of 64 bits, as ADSync is.
func (v *tlsValues) judge() Settings {
	on := func(n collected.Number) bool { return n.Known() && n.N != 0 }
	off := func(n collected.Number) bool { return n.Is(0) }
	all := []collected.Number{v.enabled, v.disabledByDefault, v.strong, v.system, v.strong32, v.system32}
	item := func(role string, list ...collected.Number) []evidence.Item {
		var out []evidence.Item
		for _, n := range list {
			if n.Known() {
				out = append(out, n.Evidence(role))
			}
		}
		return evidence.Sort(out)
	}
	switch {
	case v.differ:
		return Settings{TLS12: TLSUnknown}
	case off(v.enabled):
		return Settings{TLS12: TLSOff, Evidence: item("TLS 1.2 is turned off", v.enabled)}
	case on(v.disabledByDefault):
		return Settings{TLS12: TLSLimited, Evidence: item("TLS 1.2 is not used by default", v.disabledByDefault)}
	case off(v.strong) && !on(v.system):
		return Settings{TLS12: TLSLimited, Evidence: item(".NET uses old versions of TLS", v.strong)}
	case on(v.enabled) && off(v.disabledByDefault) && on(v.strong) && on(v.system) && on(v.strong32) && on(v.system32):
		return Settings{TLS12: TLSOn, Evidence: item("TLS 1.2 setting", all...)}
	case v.dotNet || len(item("", all...)) > 0:
		return Settings{TLS12: TLSUnset, Evidence: item("TLS 1.2 setting", all...)}
	}
	return Settings{TLS12: TLSUnknown}
}
