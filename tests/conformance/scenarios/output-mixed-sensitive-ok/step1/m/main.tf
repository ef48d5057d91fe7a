variable "s" {}
output "o" {
  value = { p = 1, s = var.s }
  sensitive = true
}
