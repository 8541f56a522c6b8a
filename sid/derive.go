package sid

import (
	"crypto/sha1"
	"encoding/binary"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"

	_ "embed"
)

// The prefixes of SIDs that Windows derives from names.
const (
	serviceAuthority    = "S-1-5-80-"
	appPoolAuthority    = "S-1-5-82-"
	restrictedAuthority = "S-1-5-99-"
)

// Service returns the SID of the virtual account NT SERVICE\name, where name is the key
// name of a service and not its display name: case does not matter. Windows computes it
// from the name alone, so that it is the same on every computer, whether or not the service
// exists: the SHA-1 of the upper-case name in UTF-16LE as five numbers after S-1-5-80.
func Service(name string) SID {
	return derive(serviceAuthority, strings.ToUpper(name))
}

// AppPool returns the SID of the virtual account IIS APPPOOL\name. It is computed like that
// of a service, from the lower-case name and after S-1-5-82.
func AppPool(name string) SID {
	return derive(appPoolAuthority, strings.ToLower(name))
}

// restrictedService is the SID of RESTRICTED SERVICES\name, which newer Windows gives to
// services in their own sandbox. The rule is that of Service; the SID of
// PrintSpoolerService confirms it.
func restrictedService(name string) SID {
	return derive(restrictedAuthority, strings.ToUpper(name))
}

func derive(prefix, name string) SID {
	units := utf16.Encode([]rune(name))
	b := make([]byte, 0, 2*len(units))
	for _, u := range units {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	sum := sha1.Sum(b)
	out := make([]byte, 0, len(prefix)+5*11)
	out = append(out, prefix...)
	for i := 0; i < len(sum); i += 4 {
		if i > 0 {
			out = append(out, '-')
		}
		out = strconv.AppendUint(out, uint64(binary.LittleEndian.Uint32(sum[i:])), 10)
	}
	return SID(out)
}

// servicesText lists key names of services, one a line.
//
//go:embed services.txt
var servicesText string

// services maps the SIDs of the services in servicesText to their names. A hash cannot be
// turned back, so only services of the list can be found.
var services = sync.OnceValue(func() map[SID]string {
	m := make(map[SID]string)
	for name := range dataLines(servicesText) {
		m[Service(name)] = name
	}
	return m
})

// ServiceName returns the key name of the service whose virtual account s is, if it is one
// of the several hundred services that this package knows: those of Microsoft Entra
// Connect, of SQL Server and of Windows itself.
func ServiceName(s SID) (string, bool) {
	if !s.IsService() {
		return "", false
	}
	name, ok := services()[s]
	return name, ok
}
