resource "terraform_data" "b" { 
  provisioner "local-exec" { 
    when = destroy
    command = "exit 1" 
  }
}
output "o" { value = terraform_data.b.id }
