output "c" {
  value = "x"
  sensitive = true
}
