output "p" { value = "w" }
