variable "e" {
  ephemeral = true
}
output "e" {
  value     = "${var.e}-m"
  ephemeral = true
}
