package evtx

// Trace has f told what every byte of the file is taken for by the iterations that follow.
func (r *Reader) Trace(f func(from, to int64, what string)) {
	names := [...]string{extentHeader: "header", extentRecord: "record", extentDamage: "damage", extentFree: "free"}
	r.trace = func(from, to int64, e extent) { f(from, to, names[e]) }
}

// AppendXMLTree is AppendXML without programs.
func (ev *Event) AppendXMLTree(dst []byte) ([]byte, error) {
	e := ev.payload.encoder(dst)
	e.trees = true // of nested templates either
	e.xmlEvent(&ev.payload.root)
	return ev.payload.finish(e, dst)
}

// AppendJSONTree is AppendJSON without programs.
func (ev *Event) AppendJSONTree(dst []byte) ([]byte, error) {
	e := ev.payload.encoder(dst)
	e.trees = true
	e.jsonEvent(&ev.payload.root)
	return ev.payload.finish(e, dst)
}

// Programs returns how many programs there are for the event's template, and their size and
// that of the template's body, in bytes.
func (ev *Event) Programs() (count, size, body int) {
	t := ev.payload.root.template
	for i := range t.programs {
		if list := t.programs[i].Load(); list != nil {
			count += len(list.all)
			size += list.size
		}
	}
	return count, size, len(t.body)
}

// Size returns the size of the templates, in bytes, with their programs and without.
func (tc *TemplateCache) Size() (all, templatesOnly int) {
	tc.mu.RLock()
	defer tc.mu.RUnlock()
	for _, list := range tc.byKey {
		for _, t := range list {
			all += t.memory()
			for i := range t.programs {
				if list := t.programs[i].Load(); list != nil {
					all += list.size
				}
			}
		}
	}
	return all, tc.size
}
