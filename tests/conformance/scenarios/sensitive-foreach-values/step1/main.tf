variable "m" {
  type      = map(string)
  default   = { a = "1", b = "2" }
  sensitive = true
}
resource "terraform_data" "r" {
  for_each = nonsensitive(toset(keys(var.m)))
  input    = var.m[each.key]
}
resource "terraform_data" "q" {
  for_each = { x = sensitive("s"), y = "t" }
  input    = each.value
}
output "o" {
  value     = { for k, r in terraform_data.r : k => r.output }
  sensitive = true
}
output "n" {
  value = nonsensitive({ for k, r in terraform_data.q : k => r.output })
}
