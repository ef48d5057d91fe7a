variable "v" {
  default = 1
}
locals {
  a = 1
  b = 2
}
resource "terraform_data" "r" {
  input = "base"
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [input]
  }
}
module "m" {
  source = "./m"
  x      = 1
}
output "o" {
  value       = var.v
  description = "base"
}
check "c" {
  assert {
    condition     = var.v == 1
    error_message = "one"
  }
}
