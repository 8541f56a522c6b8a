package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// lazyList is a list whose items are made when they are written; nil is empty.
type lazyList[T any] func(yield func(T) bool)

// lazily makes a list of what f makes of the items of others.
func lazily[T, U any](f func(T) U, lists ...[]T) lazyList[U] {
	return func(yield func(U) bool) {
		for _, list := range lists {
			for _, item := range list {
				if !yield(f(item)) {
					return
				}
			}
		}
	}
}

// all hands over the items.
func (l lazyList[T]) all(yield func(any) bool) {
	if l != nil {
		l(func(item T) bool { return yield(item) })
	}
}

// streamed is a [lazyList] of any type.
type streamed interface {
	all(yield func(any) bool)
}

// streamJSON writes what marshalJSON would make of v, an object or a pointer to one, with each
// item of a lazyList by itself. Lists can be in objects, and these in lists.
func streamJSON(w io.Writer, v any) error {
	s := jsonStream{w: w, lazy: make(map[reflect.Type]bool)}
	s.value(reflect.ValueOf(v), 0)
	s.text("\n")
	return s.err
}

// jsonStream writes JSON and keeps the first error.
type jsonStream struct {
	w   io.Writer
	err error
	buf bytes.Buffer
	// lazy tells of the types that were looked at whether there is a lazyList in them.
	lazy map[reflect.Type]bool
}

func (s *jsonStream) text(t string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.w, t)
	}
}

// line begins a line that is so many levels deep, behind a comma unless it is the first.
func (s *jsonStream) line(first bool, depth int) {
	if !first {
		s.text(",")
	}
	s.text("\n" + strings.Repeat("  ", depth))
}

// value writes a value that stands so many levels deep.
func (s *jsonStream) value(v reflect.Value, depth int) {
	switch {
	case s.err != nil:
	case !s.isLazy(v.Type()):
		s.whole(v.Interface(), depth)
	case v.Kind() == reflect.Pointer && v.IsNil():
		s.text("null")
	case v.Kind() == reflect.Pointer:
		s.value(v.Elem(), depth)
	case v.Kind() == reflect.Struct:
		s.text("{")
		s.members(v, true, depth+1)
		s.line(true, depth)
		s.text("}")
	default:
		s.list(v.Interface().(streamed), depth)
	}
}

// members writes the members of an object, also those of objects that are embedded in it.
// It returns whether the next one is the first.
func (s *jsonStream) members(v reflect.Value, first bool, depth int) bool {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			first = s.members(v.Field(i), first, depth)
			continue
		}
		s.line(first, depth)
		s.text(`"` + f.Tag.Get("json") + `": `)
		s.value(v.Field(i), depth)
		first = false
	}
	return first
}

func (s *jsonStream) list(l streamed, depth int) {
	first := true
	s.text("[")
	l.all(func(item any) bool {
		s.line(first, depth+1)
		s.value(reflect.ValueOf(item), depth+1)
		first = false
		return s.err == nil
	})
	if !first {
		s.line(true, depth)
	}
	s.text("]")
}

// whole writes a value without lazy lists.
func (s *jsonStream) whole(v any, depth int) {
	s.buf.Reset()
	enc := json.NewEncoder(&s.buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent(strings.Repeat("  ", depth), "  ")
	if err := enc.Encode(v); err != nil {
		s.err = fmt.Errorf("render: %w", err)
		return
	}
	_, s.err = s.w.Write(escapeJSON(bytes.TrimSuffix(s.buf.Bytes(), []byte("\n"))))
}

// isLazy reports whether a type is a lazyList or has one in it. Types without are written as
// encoding/json does.
func (s *jsonStream) isLazy(t reflect.Type) bool {
	lazy, known := s.lazy[t]
	if known {
		return lazy
	}
	switch {
	case t.Implements(reflect.TypeFor[streamed]()):
		lazy = true
	case t.Kind() == reflect.Pointer:
		lazy = s.isLazy(t.Elem())
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			lazy = lazy || s.isLazy(t.Field(i).Type)
		}
	}
	s.lazy[t] = lazy
	return lazy
}
