// Package compare counts in what this module's reading of event logs differs from that of
// other programs. Every difference has a class, and every class a verdict: who is right,
// and why. A difference of no class is a finding. The programs in bench and
// examples/dualtool, and their tests, share it.
package compare
