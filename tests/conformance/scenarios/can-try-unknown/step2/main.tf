resource "terraform_data" "u" {
  input = { a = 1 }
}
locals {
  o = terraform_data.u.output
}
output "x" {
  value = [
    can(local.o.b), try(local.o.b, "d"), can(terraform_data.u.id), try(tonumber(terraform_data.u.id), 0),
    can(regex("-", terraform_data.u.id)), try(local.o.a, 1), can(tostring(local.o)), try({}.x, "z")
  ]
}
resource "terraform_data" "v" {
  input = try(local.o.zz, "none")
}
