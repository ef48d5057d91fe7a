resource "terraform_data" "a" { triggers_replace = 1 }
output "id" { value = terraform_data.a.id }
