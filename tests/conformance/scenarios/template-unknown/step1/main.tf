resource "terraform_data" "u" {
}
resource "terraform_data" "v" {
  input = "pre-${terraform_data.u.id}-post"
}
output "o" {
  value = startswith("pre-${terraform_data.u.id}", "pre-")
}
output "p" {
  value = terraform_data.u.id == null
}
output "q" {
  value = "${terraform_data.u.id}" != ""
}
output "l" {
  value = length([terraform_data.u.id, 1])
}
output "ls" {
  value = length(toset([terraform_data.u.id, "x"]))
}
output "m" {
  value = merge({ a = terraform_data.u.id }, { b = 1 })
}
output "k" {
  value = keys({ a = terraform_data.u.id })
}
output "cond" {
  value = terraform_data.u.id == "x" ? ["a"] : ["b", "c"]
}
output "flat" {
  value = flatten([[terraform_data.u.id], ["b"]])
}
output "con" {
  value = contains(["a", terraform_data.u.id], "a")
}
output "coal" {
  value = coalesce(terraform_data.u.id, "b")
}
output "j" {
  value = jsonencode({ a = terraform_data.u.id })
}
output "fmt" {
  value = format("%s-x", terraform_data.u.id)
}
