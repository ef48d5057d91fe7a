resource "terraform_data" "a" { input = "q" }
locals {
  s = "pre-${terraform_data.a.id}"
  l = [terraform_data.a.id, terraform_data.a.output]
}
output "notnull" { value = terraform_data.a.id == null }
output "prefix" { value = startswith(local.s, "pre-") }
output "prefix2" { value = startswith(local.s, "nope") }
output "len" { value = length(local.l) }
output "cond" { value = terraform_data.a.id != null ? "y" : "n" }
output "co" { value = coalesce(terraform_data.a.id, "z") }
output "fmt" { value = format("x-%s", terraform_data.a.id) }
output "mul" { value = terraform_data.a.id == "" ? [1, 2] : [3, 4] }
output "set" { value = toset(local.l) }
output "keys" { value = keys({ a = terraform_data.a.id }) }
output "conc" { value = concat(local.l, [1]) }
output "join" { value = join("-", ["a", terraform_data.a.id]) }
