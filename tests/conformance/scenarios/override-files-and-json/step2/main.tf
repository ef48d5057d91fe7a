variable "a" {
  type    = string
  default = "x"
}
resource "terraform_data" "r" {
  for_each         = toset(["k"])
  input            = var.a
  triggers_replace = 1
  lifecycle {
    ignore_changes        = [input]
    create_before_destroy = true
  }
}
module "m" {
  source = "./m"
  v      = 1
}
output "o" {
  value       = 1
  description = "d"
}
locals {
  l = 1
  k = 2
}
check "c" {
  assert {
    condition     = local.l == 1
    error_message = "l ${local.l}"
  }
}
