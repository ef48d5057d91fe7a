variable "s" {
  default   = "sec"
  sensitive = true
}
module "m" {
  source = "./m"
  s      = var.s
}
resource "terraform_data" "a" {
  input = module.m.o
}
resource "terraform_data" "cond" {
  input = var.s == "x" ? "a" : "b"
}
resource "terraform_data" "fe" {
  for_each = { a = var.s }
  input    = each.value
}
resource "terraform_data" "t" {
  input = "a${var.s}b"
  triggers_replace = [for k in [var.s, "plain"] : k]
}
output "leak" {
  value     = module.m.o.p
  sensitive = true
}
output "nosens" {
  value = nonsensitive(module.m.o.p)
}
