variable "v" { sensitive = true }
output "c" {
  value = var.v
  sensitive = true
}
