variable "m" {
  type    = map(string)
  default = { a = "1", b = "3" }
}
resource "terraform_data" "r" {
  for_each = toset(keys(var.m))
  input    = var.m[each.key]
}
resource "terraform_data" "q" {
  for_each = { x = "s", y = sensitive("t") }
  input    = each.value
}
output "o" {
  value = { for k, r in terraform_data.r : k => r.output }
}
