variable "v" {
  default = 2
  type    = number
}
locals {
  b = 3
}
resource "terraform_data" "r" {
  input            = "over"
  triggers_replace = local.b
  lifecycle {
    ignore_changes = []
  }
}
module "m" {
  x = 2
}
output "o" {
  value = [var.v, local.a, local.b, module.m.y]
}
