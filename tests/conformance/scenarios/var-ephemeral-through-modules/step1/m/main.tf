variable "e" {
  ephemeral = true
  type      = string
}
output "e" {
  ephemeral = true
  value     = var.e
}
output "notsecret" {
  value = ephemeralasnull(var.e)
}
