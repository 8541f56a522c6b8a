package message

import "testing"

// BenchmarkRender puts one event into words: of the catalogue, and forwarded.
func BenchmarkRender(b *testing.B) {
	forwarded := named(7000, "param1", "ADSync", "param2", "%%1069")
	forwarded.Forwarded, forwarded.Message = true, "The service did not start."
	for i, ev := range written(b, named(7000, "param1", "ADSync", "param2", "%%1069"), forwarded) {
		b.Run([]string{"catalogue", "forwarded"}[i], func(b *testing.B) {
			var r Renderer
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Render(ev); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
