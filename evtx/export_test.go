package evtx

// Trace has f told what every byte of the file is taken for by the iterations that follow.
func (r *Reader) Trace(f func(from, to int64, what string)) {
	names := [...]string{extentHeader: "header", extentRecord: "record", extentDamage: "damage", extentFree: "free"}
	r.trace = func(from, to int64, e extent) { f(from, to, names[e]) }
}
