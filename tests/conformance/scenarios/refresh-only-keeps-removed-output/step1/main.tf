output "o" { value = "w" }
output "p" { value = "w" }
