resource "terraform_data" "needed" { input = "n" }
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "test ${terraform_data.needed.output} = n"
  }
}
resource "terraform_data" "own" {
  provisioner "local-exec" {
    command = "test ${terraform_data.own.id} = ${self.id}"
  }
}
