variable "v" { 
  default = 1 
  ephemeral = true
}
output "o" {
  value = { a = var.v, b = 1 }
  ephemeral = true
}
