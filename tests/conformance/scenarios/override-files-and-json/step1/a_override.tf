variable "a" {
  default = "y"
}
locals {
  l = 3
}
output "o" {
  value = local.l + local.k
}
