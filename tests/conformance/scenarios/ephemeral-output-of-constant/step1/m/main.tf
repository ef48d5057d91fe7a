output "o" {
  value = "const"
  ephemeral = true
}
