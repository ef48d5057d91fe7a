terraform {
  required_version = ">= 1.0"
}
variable "v" {
  type        = string
  default     = "a"
  description = "x"
  validation {
    condition     = length(var.v) < 3
    error_message = "short"
  }
}
locals {
  l = 1
  k = 2
}
resource "terraform_data" "a" {
  input            = var.v
  triggers_replace = 1
  lifecycle {
    ignore_changes        = [input]
    create_before_destroy = true
  }
  provisioner "local-exec" {
    command = "echo a"
  }
}
output "o" {
  value       = local.l
  description = "d"
}
module "m" {
  source = "./m"
  x      = 1
}
