locals {
  d = { a = { b = { c = { d = { e = { f = { g = { h = { i = { j = [[[[[[[[[["deep"]]]]]]]]]] } } } } } } } } } }
}
resource "terraform_data" "a" {
  input = local.d
}
output "o" {
  value = terraform_data.a.output.a.b.c.d.e.f.g.h.i.j[0][0][0][0][0][0][0][0][0][0]
}
